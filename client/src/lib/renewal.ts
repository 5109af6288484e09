import { PresenceError } from "../types.js";
import type { Outgoing, Source } from "./outbox.js";
import { longestMs } from "./timer.js";
import { expiryOf, tokenError, type Tokens } from "./tokens.js";

const marginMs = 60_000; // before expiry, or a fifth of what is left
const shortestMs = 1_000; // between two asks: this clock may be wrong, or the function may give the old one

/** When to ask for the next token. */
export function renewIn(token: string, now = Date.now()): number | undefined {
  const expiry = expiryOf(token);
  if (expiry === undefined) return undefined;
  const left = expiry - now;
  return Math.min(longestMs, Math.max(shortestMs, left - Math.min(marginMs, left / 5)));
}

/** Asks for a fresh token before the one in use expires, and sends it. If it fails the server closes with 4002, and that helps too. */
export class Renewal implements Source {
  readonly #tokens: Tokens;
  readonly #pump: () => void;
  readonly #failed: (error: PresenceError) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #used = "";
  #fresh: string | undefined;

  constructor(tokens: Tokens, pump: () => void, failed: (error: PresenceError) => void) {
    this.#tokens = tokens;
    this.#pump = pump;
    this.#failed = failed;
  }

  /** The connection has been welcomed with this token. */
  begin(token: string): void {
    this.#used = token;
    clearTimeout(this.#timer);
    const wait = this.#tokens.renewable ? renewIn(token) : undefined;
    if (wait !== undefined) this.#timer = setTimeout(() => void this.#renew(token), wait);
  }

  next(): Outgoing | undefined {
    const token = this.#fresh;
    if (token === undefined) return undefined;
    this.#fresh = undefined;
    return { message: { type: "auth", token } };
  }

  reset(): void {
    clearTimeout(this.#timer);
    this.#used = "";
    this.#fresh = undefined;
  }

  async #renew(old: string): Promise<void> {
    let token = old;
    try {
      token = await this.#tokens.get();
    } catch (error) {
      if (this.#used === old) this.#failed(tokenError(error));
    }
    if (this.#used !== old) return; // the connection has ended meanwhile
    if (token !== old) {
      this.#fresh = token;
      this.#pump();
    }
    this.begin(token);
  }
}
