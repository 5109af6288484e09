import type { Presence } from "../presence.js";
import { PresenceError } from "../types.js";
import { backoff } from "./backoff.js";
import { deferred, type Deferred } from "./deferred.js";
import type { Settings } from "./options.js";
import { after } from "./timer.js";
import { askToken, tokenFault } from "./tokens.js";
import { mayRepeat } from "./wire.js";

/** A request below `/v1/participants/me/`. */
export interface Request<T> {
  readonly method: "GET" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: object;
  /**
   * Makes the result of what a 200 says; undefined: that isn't what was asked for.
   * Without `read` only a 204 is a success.
   */
  read?(said: any): T | undefined;
}

interface Call extends Deferred<any> {
  readonly request: Request<unknown>;
  /** Aborted when the call is over, however. */
  readonly ear: AbortController;
  /** What went wrong last. */
  fault: PresenceError;
}

const patienceMs = 15_000; // from when it is asked for, attempts and the wait for its turn included
const attemptMs = 7_000; // the server itself waits up to 5 s for an owner; two attempts fit into the call's time
const maxWaiting = 100;

/**
 * Calls over HTTP, beside the socket and with its tokens. They need no open socket.
 * They go one at a time: of a block and its end the later one counts.
 * What fails for the moment is tried again until its time is over.
 */
export class Calls {
  readonly #settings: Settings;
  readonly #presence: Presence;
  readonly #base: string;
  readonly #waiting = new Set<Call>();
  #turn = Promise.resolve();

  constructor(presence: Presence) {
    this.#presence = presence;
    this.#settings = presence.extend().settings;
    this.#base = this.#settings.address.split("?")[0]!.replace(/^ws(.*\/).*/, "http$1participants/me/");
    presence.on("closed", ({ message }) => this.#fail(message));
  }

  make<T>(request: Request<T>): Promise<T> {
    if (this.#presence.status === "closed") return refused("closed", "closed");
    if (this.#waiting.size >= maxWaiting) return refused("rate_limited", `${maxWaiting} calls wait already`);
    const late = new PresenceError("timeout", `no answer within ${patienceMs} ms`);
    const call: Call = { ...deferred<any>(), request, ear: new AbortController(), fault: late };
    this.#waiting.add(call);
    const stop = after(patienceMs, () => this.#leave(call).reject(call.fault));
    call.ear.signal.addEventListener("abort", stop);
    this.#turn = this.#turn.then(() => this.#persist(call));
    return call.promise;
  }

  #fail(message: string): void {
    for (const call of [...this.#waiting]) this.#leave(call).reject(new PresenceError("closed", message));
  }

  #leave(call: Call): Call {
    this.#waiting.delete(call);
    call.ear.abort();
    return call;
  }

  async #persist(call: Call): Promise<void> {
    for (let attempt = 0; this.#waiting.has(call); attempt++) {
      const askedMs = await this.#attempt(call);
      if (this.#waiting.has(call)) await pause(askedMs ?? backoff(attempt, this.#settings), call.ear.signal);
    }
  }

  /** Ends the call, unless another attempt may help. Returns the pause that the server asks for. */
  async #attempt(call: Call): Promise<number | undefined> {
    const attempt = new AbortController();
    const giveUp = (): void => attempt.abort();
    call.ear.signal.addEventListener("abort", giveUp);
    let stop = (): void => {};
    try {
      const token = await this.#token();
      stop = after(attemptMs, giveUp); // from here on the server is waited for
      const answer = await this.#send(call.request, token, attempt.signal);
      const said = await answer.json().catch(() => undefined); // 204 says nothing, and a proxy's page isn't JSON
      this.#take(call, answer.status, said);
      return Number(answer.headers.get("Retry-After")) * 1000 || undefined;
    } catch (error) {
      if (attempt.signal.aborted) call.fault = new PresenceError("timeout", `no answer within ${attemptMs} ms`);
      else call.fault = error instanceof PresenceError ? error : this.#unreached((error as Error).message);
      return undefined;
    } finally {
      stop();
      call.ear.signal.removeEventListener("abort", giveUp);
    }
  }

  #token(): Promise<string> {
    return askToken(this.#settings.token).catch((error) => {
      throw new PresenceError("token", tokenFault(error));
    });
  }

  #send({ method, path, body }: Request<unknown>, token: string, signal: AbortSignal): Promise<Response> {
    const headers = { Authorization: `Bearer ${token}`, ...(body && { "Content-Type": "application/json" }) };
    return fetch(this.#base + path, { method, headers, body: body ? JSON.stringify(body) : null, signal });
  }

  /** What isn't the server's own may pass, as a proxy's "bad gateway", and is no success. */
  #take(call: Call, status: number, said: any): void {
    const { read } = call.request;
    const result = status === 200 && said ? read?.(said) : undefined;
    if (read ? result !== undefined : status === 204) this.#leave(call).resolve(result);
    else if (!said?.code) call.fault = this.#unreached(`the answer has status ${status}, and isn't the server's own`);
    else {
      call.fault = new PresenceError(said.code, said.detail);
      if (!this.#mayHelp(said)) this.#leave(call).reject(call.fault);
    }
  }

  #mayHelp(refusal: { code: string }): boolean {
    return mayRepeat(refusal) || (refusal.code === "unauthorized" && typeof this.#settings.token === "function");
  }

  #unreached(why: string): PresenceError {
    return new PresenceError("connection", `${this.#base}: ${why}`);
  }
}

/** A rejection that nobody has to handle. */
export function refused(code: string, message: string): Promise<never> {
  const { promise, reject } = deferred<never>();
  reject(new PresenceError(code, message));
  return promise;
}

/** Until ms are over, or the call is. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = after(ms, resolve);
    signal.addEventListener("abort", () => {
      stop();
      resolve();
    });
  });
}
