import { PresenceError } from "../types.js";
import { deferred, type Deferred } from "./deferred.js";
import type { Outgoing, Source } from "./outbox.js";
import { type ClientMessage, mayRepeat, type ServerMessage } from "./wire.js";

/**
 * What the person picked last, until the server has acknowledged it: from then on it is the server's to keep. A pick that was
 * overtaken before is done when the one that overtook it is.
 */
export class Wish implements Source {
  #message: (() => ClientMessage | PresenceError) | undefined; // made when it is sent: an end may have come nearer meanwhile
  #sent = false;
  #done: Deferred<void> | undefined;

  /** What is made instead of a message is why there is none any more. */
  set(message: () => ClientMessage | PresenceError): Promise<void> {
    this.#message = message;
    this.#sent = false;
    return (this.#done ??= deferred()).promise;
  }

  next(): Outgoing | undefined {
    const make = this.#message;
    if (!make || this.#sent) return undefined;
    const message = make();
    if (message instanceof PresenceError) return void this.end(message);
    this.#sent = true;
    return { message, answer: (reply) => make === this.#message && this.#answered(reply) };
  }

  reset(): void {
    this.#sent = false;
  }

  /** It is done, or has failed. */
  end(error?: PresenceError): void {
    if (error) this.#done?.reject(error);
    else this.#done?.resolve();
    this.#message = this.#done = undefined;
  }

  #answered(reply: ServerMessage): void {
    if (reply.type !== "error") this.end();
    else if (mayRepeat(reply)) this.#sent = false;
    else this.end(new PresenceError(reply.code, reply.message));
  }
}
