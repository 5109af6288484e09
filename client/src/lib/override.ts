import { type Override, PresenceError } from "../types.js";
import { deferred, type Deferred } from "./deferred.js";
import type { Outgoing, Source } from "./outbox.js";
import { mayRepeat, type ServerMessage } from "./wire.js";

interface Wish {
  override: Override;
  sent: boolean;
  done: Deferred<void>;
}

/**
 * What the person picked last, until the server has acknowledged it: from then on it is the server's to keep. A pick that was
 * overtaken before is done when the one that overtook it is.
 */
export class OverrideWish implements Source {
  #wish: Wish | undefined;

  set(override: Override): Promise<void> {
    const done = this.#wish?.done ?? deferred<void>();
    this.#wish = { override, sent: false, done };
    return done.promise;
  }

  next(): Outgoing | undefined {
    const wish = this.#wish;
    if (!wish || wish.sent) return undefined;
    wish.sent = true;
    return { message: { type: "override", override: wish.override }, answer: (reply) => this.#answered(wish, reply) };
  }

  reset(): void {
    if (this.#wish) this.#wish.sent = false;
  }

  fail(error: PresenceError): void {
    this.#wish?.done.reject(error);
    this.#wish = undefined;
  }

  #answered(wish: Wish, reply: ServerMessage): void {
    if (wish !== this.#wish) return;
    if (reply.type !== "error") {
      wish.done.resolve();
      this.#wish = undefined;
    } else if (mayRepeat(reply)) wish.sent = false;
    else this.fail(new PresenceError(reply.code, reply.message));
  }
}
