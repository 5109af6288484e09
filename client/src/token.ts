import type { Outgoing, Source } from "./lib/outbox.js";
import { longestMs } from "./lib/timer.js";
import { askToken, tokenFault } from "./lib/tokens.js";
import { mayRepeat } from "./lib/wire.js";
import type { Presence } from "./presence.js";
import { PresenceError, type TokenFunction } from "./types.js";

const marginMs = 60_000; // before expiry, or a fifth of what is left
const shortestMs = 1_000;
const hastyMs = 30_000; // an earlier ask may be this clock's fault, if the token doesn't say how long it lives
const slowestMs = 300_000; // between two asks in vain

/**
 * A token function for `connect` that has the next token before the last one expires, so that the connection stays. Without it the
 * server hangs up then, the function is asked, and the client connects again.
 */
export function fresh(source: TokenFunction): TokenFunction {
  const last = new LastToken();
  const get = async (): Promise<string> => last.read(await askToken(source));
  return Object.assign(get, { attach: (presence: Presence) => void new Renewal(get, last, presence) });
}

/** When to ask for the next token, after so many asks in vain. */
export function renewIn(leftMs: number, vain: number): number {
  const floor = vain > 0 ? Math.min(slowestMs, shortestMs * 2 ** (vain - 1)) : shortestMs;
  return Math.min(longestMs, Math.max(floor, leftMs - Math.min(marginMs, leftMs / 5)));
}

/** The last token, and for how long it is good. */
class LastToken {
  token = "";
  #goodUntil = Infinity;
  /** It says how long it lives. Without `iat`, what is left is a guess: this clock may be wrong. */
  sure = false;

  get leftMs(): number {
    return this.#goodUntil - Date.now();
  }

  /** A life is counted from when a token is had first: this clock and the issuer's need not agree. */
  read(token: string): string {
    if (token === this.token) return token;
    this.token = token;
    const { exp, iat } = claimsOf(token);
    this.sure = typeof iat === "number";
    const expiryMs = this.sure ? Date.now() + (exp! - iat!) * 1000 : exp! * 1000;
    this.#goodUntil = typeof exp === "number" ? expiryMs : Infinity;
    return token;
  }
}

/** Asks for a fresh token before the one in use expires, and sends it. If it fails the server closes with 4002, and that helps too. */
class Renewal implements Source {
  readonly #get: () => Promise<string>;
  readonly #last: LastToken;
  readonly #pump: () => void;
  readonly #failed: (error: PresenceError) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0; // which connection
  #fresh: string | undefined;
  #vain = 0; // asks in a row that brought the same token, none, or one that seems to be over already

  constructor(get: () => Promise<string>, last: LastToken, presence: Presence) {
    this.#get = get;
    this.#last = last;
    ({ pump: this.#pump, failed: this.#failed } = presence.extend(this));
    presence.on("status", (status) => status === "open" && this.#schedule());
  }

  next(): Outgoing | undefined {
    const token = this.#fresh;
    if (token === undefined) return undefined;
    this.#fresh = undefined;
    return { message: { type: "auth", token }, answer: (reply) => reply.type === "error" && mayRepeat(reply) && (this.#fresh ??= token) };
  }

  reset(): void {
    this.#turn++;
    clearTimeout(this.#timer);
    this.#fresh = undefined;
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const { leftMs } = this.#last;
    if (leftMs < Infinity) this.#timer = setTimeout(() => void this.#renew(), renewIn(leftMs, this.#vain));
  }

  async #renew(): Promise<void> {
    const turn = this.#turn;
    const { token: old } = this.#last;
    try {
      await this.#get();
    } catch (error) {
      if (turn === this.#turn) this.#failed(new PresenceError("token", tokenFault(error)));
    }
    const { token, sure, leftMs } = this.#last;
    this.#vain = token === old || (!sure && leftMs < hastyMs) ? this.#vain + 1 : 0;
    if (turn !== this.#turn) return; // the connection has ended meanwhile
    if (token !== old) {
      this.#fresh = token;
      this.#pump();
    }
    this.#schedule();
  }
}

/** Of a JWT, which is read and not checked. What isn't one says nothing. */
function claimsOf(token: string): { exp?: number; iat?: number } {
  try {
    return JSON.parse(atob(token.split(".")[1]!.replace(/-/g, "+").replace(/_/g, "/"))) ?? {};
  } catch {
    return {};
  }
}
