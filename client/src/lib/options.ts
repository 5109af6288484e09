import type { ConnectOptions, TokenOption } from "../types.js";
import { socketAddress } from "./address.js";
import type { Bounds } from "./backoff.js";
import type { SocketClass } from "./line.js";

/** Options with every default filled in. */
export interface Settings extends Bounds {
  readonly address: string;
  readonly token: TokenOption;
  readonly deviceId: string | null | undefined;
  readonly idleAfterMs: number;
  readonly activityTarget: EventTarget | null;
  readonly staleAfterMs: number;
  readonly paused: boolean;
  readonly WebSocket: SocketClass;
}

/** Throws a TypeError that names what is wrong: these are mistakes in the calling code, not in the world. */
export function settle(options: ConnectOptions): Settings {
  const page = globalThis.window; // which in React Native has no address and is no target
  const {
    url,
    token,
    deviceId,
    activityTarget = typeof page?.addEventListener === "function" ? page : null,
    idleAfterMs = 300_000,
    staleAfterMs = 60_000,
    reconnectMinMs = 1000,
    reconnectMaxMs = Math.max(30_000, reconnectMinMs),
    paused = false,
    WebSocket = globalThis.WebSocket,
  } = options;
  const times = { idleAfterMs, staleAfterMs, reconnectMinMs, reconnectMaxMs };
  for (const [name, ms] of Object.entries(times)) must(ms > 0, `${name} must be above 0`);
  must(token && /string|function/.test(typeof token), "token must be a string or a function");
  must(WebSocket, "no WebSocket here: give the option WebSocket");
  return { address: socketAddress(url, page?.location?.href), token, deviceId, activityTarget, paused, WebSocket, ...times };
}

function must(holds: unknown, fault: string): void {
  if (!holds) throw new TypeError(fault);
}
