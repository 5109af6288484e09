import type { ConnectOptions, SocketLike } from "../types.js";
import { socketAddress } from "./address.js";
import { deviceFaultOf } from "./ids.js";

/** Options with every default filled in. */
export interface Settings {
  readonly address: string;
  readonly token: string | (() => string | Promise<string>);
  readonly deviceId: string | null | undefined;
  readonly idleAfterMs: number;
  readonly activityTarget: EventTarget | null;
  readonly staleAfterMs: number;
  readonly queryTimeoutMs: number;
  readonly WebSocket: new (url: string, protocol: string) => SocketLike;
}

/** Throws a TypeError that names what is wrong: these are mistakes in the calling code, not in the world. */
export function settle(options: ConnectOptions): Settings {
  const page = typeof window === "undefined" ? undefined : window;
  return {
    address: socketAddress(options.url, page?.location.href),
    token: checkToken(options.token),
    deviceId: checkDevice(options.deviceId),
    idleAfterMs: positive("idleAfterMs", options.idleAfterMs ?? 5 * 60_000),
    activityTarget: options.activityTarget === undefined ? (page ?? null) : options.activityTarget,
    staleAfterMs: positive("staleAfterMs", options.staleAfterMs ?? 60_000),
    queryTimeoutMs: positive("queryTimeoutMs", options.queryTimeoutMs ?? 15_000),
    WebSocket: options.WebSocket ?? ownWebSocket(),
  };
}

function checkToken(token: Settings["token"]): Settings["token"] {
  if (typeof token === "function" || (typeof token === "string" && token !== "")) return token;
  throw new TypeError("token must be a non-empty string or a function");
}

function checkDevice(id: string | null | undefined): string | null | undefined {
  const fault = typeof id === "string" ? deviceFaultOf(id) : undefined;
  if (fault) throw new TypeError(`deviceId: ${fault.message}`);
  return id;
}

function positive(name: string, value: number): number {
  if (typeof value === "number" && value > 0) return value;
  throw new TypeError(`${name}: ${value}; it must be above 0`);
}

function ownWebSocket(): Settings["WebSocket"] {
  if (typeof WebSocket !== "undefined") return WebSocket;
  throw new TypeError("no WebSocket here: use Node 22, node --experimental-websocket, or the option WebSocket");
}
