import { PresenceError } from "../types.js";
import type { EndWire } from "./wire.js";

/** When something ends. Neither: it stays. Both are refused. */
export interface End {
  /** After so many seconds, from 1; parts of one are rounded up. */
  for?: number;
  /** Then; a number is in milliseconds since 1970. */
  until?: Date | number;
}

/**
 * Gives what to send for an end, whenever that is; or says what is wrong with it. A span goes as what is left of it, so that
 * neither a clock that is wrong here nor a connection that comes late changes when it is over. Once nothing is left it isn't
 * sent at all. Whether a time is over is the server's to say, as this clock may be wrong. A number that is none would go as
 * null, which means "stays".
 */
export function ending({ for: seconds, until }: End): (() => EndWire | PresenceError) | string {
  if (seconds !== undefined && until !== undefined) return "give `for` or `until`, not both";
  if (seconds !== undefined) {
    const endMs = Date.now() + seconds * 1000;
    if (!(seconds > 0 && endMs < Infinity)) return "`for` must be a number of seconds above 0";
    return () => {
      const left = Math.ceil((endMs - Date.now()) / 1000);
      return left > 0 ? { expires_in: left } : new PresenceError("timeout", "it was over before the server could be told");
    };
  }
  if (until === undefined) return () => ({});
  const end = new Date(until);
  return Number.isNaN(end.getTime()) ? "`until` must be a time" : () => ({ expires_at: end.toISOString() });
}
