import type { SocketLike } from "../types.js";
import type { Settings } from "./options.js";
import { after } from "./timer.js";
import { codeAbnormal, subprotocol } from "./wire.js";

export type SocketClass = new (url: string, protocol: string) => SocketLike;

/** What a line tells. */
export interface LineEvents {
  opened(): void;
  heard(data: unknown): void;
  /** Comes once, unless the line was hushed before. */
  ended(code: number, reason: string): void;
}

const graceMs = 1000; // between the error of an open socket and the close that says why

/**
 * One socket, whose end is told once. Of a refused handshake browsers tell `error` and `close`, Node 20 and 22 `error` alone, and
 * Node 24 tells both twice for a close while connecting, once inside the call.
 */
export class Line {
  readonly #socket: SocketLike;
  #stopGrace = (): void => {};

  constructor({ WebSocket, address }: Pick<Settings, "WebSocket" | "address">, events: LineEvents) {
    let opened = false;
    const socket = (this.#socket = new WebSocket(address, subprotocol));
    const end = (code: number, reason = ""): void => {
      this.hush();
      events.ended(code, reason);
    };
    socket.onopen = () => {
      opened = true;
      events.opened();
    };
    socket.onmessage = (event) => events.heard(event.data);
    socket.onclose = (event) => end(event.code, event.reason);
    socket.onerror = (event) => {
      const act = (): void => end(codeAbnormal, event?.message);
      if (opened) this.#stopGrace = after(graceMs, act);
      else act();
    };
  }

  send(text: string): void {
    if (this.#socket.readyState === 1) this.#socket.send(text);
  }

  /** Nothing is told from now on. The socket stays as it is. */
  hush(): void {
    this.#stopGrace();
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.onerror = () => {}; // without a listener some implementations throw
  }

  /** To be hushed before. */
  close(): void {
    this.#socket.close(1000);
  }
}
