import { Bucket } from "./bucket.js";
import { after } from "./timer.js";
import { type ClientMessage, mayRepeat, type ServerMessage } from "./wire.js";

/** A message, and what to do with its answer. */
export interface Outgoing {
  message: ClientMessage;
  answer?(reply: ServerMessage): void;
}

/** Somebody who may have something to say. */
export interface Source {
  /** The next message for this connection, if there is one. */
  next(): Outgoing | undefined;
  /** The connection has ended: what was not answered must be said again on the next. */
  reset(): void;
}

const refusedPauseMs = 1000;

/**
 * Nothing is queued here. Whenever the rate allows a message, the sources are asked in order; each knows the difference between
 * what the server should know and what it was told on this connection. So ten changes that wait become one message, and a
 * reconnect is a reset.
 */
export class Outbox {
  readonly #sources: Source[] = []; // those that come first are asked first
  readonly #answers = new Map<string | undefined, (reply: ServerMessage) => void>();
  #bucket!: Bucket; // of the connection
  #send: ((message: ClientMessage & { req?: string | undefined }) => void) | undefined;
  #stopTimer = (): void => {};
  #req = 0;

  open(send: (message: ClientMessage & { req?: string | undefined }) => void): void {
    this.#bucket = new Bucket();
    this.#send = send;
    this.pump();
  }

  close(): void {
    this.#stopTimer();
    this.#send = undefined;
    this.#answers.clear();
    for (const source of this.#sources) source.reset();
  }

  /** It is asked after those that were added before. */
  add(source: Source): void {
    this.#sources.push(source);
  }

  /** Sends what there is to say, as fast as the rate allows. */
  pump = (): void => {
    this.#stopTimer();
    while (this.#send) {
      const wait = this.#bucket.wait();
      if (wait > 0) {
        this.#stopTimer = after(wait, this.pump);
        return;
      }
      const out = this.#next();
      if (!out) return;
      this.#bucket.take();
      const req = out.answer && String(++this.#req); // undefined isn't sent
      if (out.answer) this.#answers.set(req!, out.answer);
      this.#send({ ...out.message, req });
    }
  };

  /** Gives an answer to whom it is for. */
  answer(reply: ServerMessage & { req?: string }): void {
    const answer = this.#answers.get(reply.req);
    if (!answer) return;
    this.#answers.delete(reply.req);
    if (reply.type === "error" && mayRepeat(reply)) this.#bucket.pause(refusedPauseMs * (1 + Math.random()));
    answer(reply);
    this.pump();
  }

  #next(): Outgoing | undefined {
    for (const source of this.#sources) {
      const out = source.next();
      if (out) return out;
    }
    return undefined;
  }
}
