import type { SocketClass } from "./line.js";

const giveUpMs = 2_000; // for the other end to answer our close

/** Hangs up on the connection below a socket. */
type HangUp = () => void;

/**
 * The runtime's own WebSocket, whose close() gives up when it isn't answered. Without that a server that hangs keeps a process of
 * Node or Deno alive without end: theirs wait for ever, and have no call to hang up.
 */
export function impatientWebSocket(): SocketClass | undefined {
  const Own = globalThis.WebSocket as any;
  if (!Own) return undefined;
  return class extends Own {
    #hangUp: HangUp;

    constructor(url: string, protocol: string) {
      const tap = newTap();
      super(url, tap ? { protocols: [protocol], dispatcher: tap } : protocol);
      this.#hangUp = tap ? () => tap.connection?.destroy() : super.terminate ? () => super.terminate() : () => closeInDeno(this);
    }

    close(code?: number): void {
      super.close(code);
      const timer = setTimeout(this.#hangUp, giveUpMs);
      super.addEventListener("close", () => clearTimeout(timer));
    }
  } as unknown as SocketClass;
}

/** Stands before what makes Node's connections, and keeps the one of this socket. */
interface Tap {
  connection?: { destroy(): void };
  dispatch(options: object, handler: Record<string, unknown>): boolean;
}

/** Undefined in Bun, which has terminate(), and in Deno. */
function newTap(): Tap | undefined {
  const below = (globalThis as any)[Symbol.for("undici.globalDispatcher.1")];
  if (!below || globalThis.Bun) return undefined;
  const tap: Tap = {
    dispatch(options, handler) {
      for (const name of ["onUpgrade", "onRequestUpgrade"]) listenIn(tap, handler, name);
      return below.dispatch(options, handler);
    },
  };
  return tap;
}

/** The last argument of both is the connection. Which of the two is called depends on the version of Node. */
function listenIn(tap: Tap, handler: Record<string, unknown>, name: string): void {
  const upgraded = handler[name];
  if (typeof upgraded !== "function") return;
  handler[name] = function (...args: unknown[]) {
    tap.connection = args.at(-1) as NonNullable<Tap["connection"]>;
    return upgraded.apply(this, args);
  };
}

/** By Deno's own means, which it promises nobody. Where they are gone, an unanswered close keeps the process. */
function closeInDeno(socket: object): void {
  const { Deno } = globalThis as any;
  const rid = Object.getOwnPropertySymbols(socket).find((symbol) => symbol.description === "[[rid]]");
  if (rid) Deno?.[Deno.internal]?.core?.tryClose?.((socket as any)[rid]);
}

declare global {
  var Bun: object | undefined;
}
