import type { ServerMessage } from "./lib/wire.js";
import type { Presence } from "./presence.js";

/** What others see of a participant. `unknown`: nobody can tell at the moment; it is not the same as `offline`. */
export type State = "online" | "idle" | "busy" | "appear_offline" | "offline" | "unknown";

/** What a person picks by hand; `auto` is "switch to auto-detect". */
export type Override = "busy" | "appear_offline" | "auto";

/** What a device reports by itself. */
export type Activity = "online" | "idle";

/**
 * - `connecting`: a socket is being opened
 * - `open`: the server has welcomed us
 * - `waiting`: for the next attempt, or for the page to come back from the back-forward cache
 * - `closed`: for good
 */
export type Status = "connecting" | "open" | "waiting" | "closed";

/** Why there is no connection at the moment, and when the next attempt is. */
export interface Waiting {
  readonly reason:
    | "connection" // the server can't be reached, or the connection was lost
    | "refused" // the server says that it can't now
    | "token" // the token function failed, or the server refused what it gave
    | "moved" // the node leaves, or another tab has this one's device
    | "paused"; // by pause(), or because the page is in the back-forward cache
  /** The next attempt, in milliseconds since 1970; Infinity: not by time. */
  readonly until: number;
}

/** One's own state, as oneself sees it. */
export interface Self {
  readonly state: State;
  readonly override: Override;
}

/** Why a connection is closed for good. `code` is the WebSocket's close code, where the server closed. */
export interface Closed {
  readonly reason:
    | "closed" // close() was called
    | "signed_out" // by signOut(), or this device was signed out elsewhere
    | "unauthorized" // with a fixed token, as the next
    | "token_expired"
    | "replaced" // the same device id connected elsewhere
    | "refused"; // what the client says is not understood: see the message
  readonly code?: number;
  readonly message: string;
}

/** The error of a rejected promise, and of the `error` event. `code` is one of the server's error codes or of {@link ClientCode}. */
export class PresenceError extends Error {
  override readonly name = "PresenceError";
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Codes that the client adds to the server's own: `closed` (it was closed meanwhile), `timeout` (a query had no answer in time),
 * `connection` (the server can't be reached; attempts go on), `token` (the token function failed, or the
 * server refused what it gave; attempts go on).
 */
export type ClientCode = "closed" | "timeout" | "connection" | "token";

export interface Events {
  status: Status;
  self: Self;
  presence: { readonly id: string; readonly state: State };
  error: PresenceError;
  closed: Closed;
  /** For the other entries of this package: what the server says, after it has been taken. */
  message: ServerMessage;
}

/** Called with each state of a watched id that differs from the one before. */
export type Watcher = (id: string, state: State) => void;

/** The part of the browser's WebSocket that is used; the `ws` package's fits too. */
export interface SocketLike {
  readonly readyState: number;
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/** Gets a token. `attach` is for what does more than that, such as `fresh` of `@scaiwave/presence/token`. */
export interface TokenFunction {
  (): string | Promise<string>;
  attach?(presence: Presence): void;
}

export type TokenOption = string | TokenFunction;

export interface ConnectOptions {
  /** `http(s):`, `ws(s):` or a path; the page's own origin where it is left out. `v1/ws` is added where the path ends with `/`, or there is none. */
  url?: string | URL;
  /** A JWT (with `--auth=insecure`: the participant id), or a function that gets one: asked at each connect, also after a refusal. */
  token: TokenOption;
  /** This device's name, 1-64 bytes. Left out: one is made for this tab and survives a reload. `null`: watch, be nobody. */
  deviceId?: string | null;
  /** How long without keyboard, mouse, scroll, touch or focus until the device is idle; 5 minutes. */
  idleAfterMs?: number;
  /** Whose events count as activity; the window where there is one. `null`: nothing does, the device is always online. */
  activityTarget?: EventTarget | null;
  /** How long without a connection until what was known becomes `unknown`; 1 minute. `Infinity`: never. */
  staleAfterMs?: number;
  /** The pause before the second attempt is any time up to this; 1 second. It doubles with each one, */
  reconnectMinMs?: number;
  /** up to this; 30 seconds. */
  reconnectMaxMs?: number;
  /** Don't connect before `resume()` is called. */
  paused?: boolean;
  /** For Node before 22, which has none without a flag: `import { WebSocket } from "ws"`, or undici's. */
  WebSocket?: new (url: string, protocol: string) => SocketLike;
}
