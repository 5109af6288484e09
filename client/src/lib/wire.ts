import type { Activity, Override, State } from "../types.js";

export const subprotocol = "presence.v1";

/** Limits of the server that the client keeps by itself. */
export const maxMessageIds = 1000;
export const maxWatchedIds = 5000;

/** When something ends; neither: it stays. */
export interface EndWire {
  expires_at?: string;
  /** In seconds. */
  expires_in?: number;
}

/** What a participant says of itself. */
export interface StatusWire {
  text?: string;
  emoji?: string;
  expires_at?: string | null;
}

export type ClientMessage =
  | { type: "hello"; token: string; device_id?: string | undefined; activity?: Activity | undefined }
  | { type: "heartbeat"; activity: Activity }
  | ({ type: "override"; override: Override } & EndWire)
  | { type: "status"; status: ({ text: string; emoji: string } & EndWire) | null }
  | { type: "subscribe" | "unsubscribe" | "query"; ids: string[]; with?: ["status"] }
  | { type: "auth"; token: string }
  | { type: "goodbye" };

export interface Welcome {
  type: "welcome";
  participant_id: string;
  heartbeat_interval_ms: number;
  node: string;
  /** Servers from before there were any don't name them. */
  features?: string[];
}

export interface Refusal {
  type: "error";
  code: string;
  message: string;
  req?: string;
}

/** One's own; what is absent is none. */
export interface SelfWire {
  type: "self";
  state: State;
  override: Override;
  status?: StatusWire;
  override_expires_at?: string;
  busy?: string[];
}

export type ServerMessage =
  | Welcome
  | Refusal
  | { type: "presence"; states: Record<string, State>; statuses?: Record<string, StatusWire | null>; req?: string }
  | SelfWire
  | { type: "result"; states: Record<string, State>; req: string }
  | { type: "ok"; req: string }
  | { type: "reconnect"; after_ms: number };

/** Close codes. */
export const codeGoodbye = 1000;
export const codeLeaving = 1001;
export const codeAbnormal = 1006; // by the socket itself: there was no close frame
export const codeTooLarge = 1009;
export const codeUnauthorized = 4001;
export const codeTokenExpired = 4002;
export const codeBadMessage = 4004;
export const codeReplaced = 4006;
export const codeRateLimited = 4008;

/** Reports whether a refused message may be sent again as it is. */
export function mayRepeat(refusal: { code: string }): boolean {
  return refusal.code === "unavailable" || refusal.code === "rate_limited";
}

/** Reads a frame; undefined: it is no JSON. What isn't known here is ignored by all who read it. */
export function decode(data: unknown): ServerMessage | undefined {
  try {
    return JSON.parse(data as string);
  } catch {
    return undefined;
  }
}
