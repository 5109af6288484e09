/** What `@scaiwave/presence` is in Node, Bun and Deno: the same, with a WebSocket that lets a process end. */
import { impatientWebSocket } from "./lib/impatient.js";
import { Presence } from "./presence.js";
import type { ConnectOptions } from "./types.js";

export * from "./index.js";

/** Connects, and stays connected until `close`, `signOut`, or the server says not to come back. Throws only for options that make no sense. */
export function connect(options: ConnectOptions): Presence {
  const WebSocket = options.WebSocket ?? impatientWebSocket();
  return new Presence(WebSocket ? { ...options, WebSocket } : options);
}
