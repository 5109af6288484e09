import type { Presence } from "../presence.js";
import { type Override, PresenceError } from "../types.js";
import { refused } from "./calls.js";
import { type End, ending } from "./ending.js";
import { Statuses } from "./statuses.js";
import type { ClientMessage, EndWire } from "./wire.js";
import { Wish } from "./wish.js";

/** What {@link withStatus} adds. Each rejects with a PresenceError if the server refuses it, and otherwise waits for the server. */
export interface StatusCalls {
  /** Says something of oneself. At least one of text and emoji isn't empty. */
  setStatus(text: string, more?: { emoji?: string } & End): Promise<void>;
  clearStatus(): Promise<void>;
  /** With an end, after which it is "auto-detect", or without one. */
  setBusy(end?: End): Promise<void>;
  appearOffline(end?: End): Promise<void>;
  /** What others say of themselves, and oneself. */
  readonly statuses: Statuses;
}

/**
 * Adds statuses and ends to a connection, and gives it back. Do it in the turn in which the connection was made: one's own status
 * comes with the welcome. Doing it again changes nothing.
 */
export function withStatus<P extends Presence>(presence: P): P & StatusCalls {
  if ("statuses" in presence) return presence as P & StatusCalls;
  return Object.assign(presence, callsOf(presence));
}

function callsOf(presence: Presence): StatusCalls {
  const wish = new Wish();
  const { override, pump } = presence.extend(wish);
  const say = (by: Wish, message: () => ClientMessage): Promise<void> => {
    if (presence.status === "closed") return refused("closed", "closed");
    const done = by.set(message);
    pump();
    return done;
  };
  const pick = (what: Override, end: End = {}): Promise<void> => lasting(end, (wire) => say(override, () => ({ type: "override", override: what, ...wire() })));
  presence.on("closed", ({ message }) => wish.end(new PresenceError("closed", message)));
  return {
    setStatus: (text, { emoji = "", ...end } = {}) => lasting(end, (wire) => say(wish, () => ({ type: "status", status: { text, emoji, ...wire() } }))),
    clearStatus: () => say(wish, () => ({ type: "status", status: null })),
    setBusy: (end) => pick("busy", end),
    appearOffline: (end) => pick("appear_offline", end),
    statuses: new Statuses(presence),
  };
}

/** Does something that lasts until an end, if it is one. */
function lasting(end: End, act: (wire: () => EndWire) => Promise<void>): Promise<void> {
  const wire = ending(end);
  return typeof wire === "string" ? refused("bad_request", wire) : act(wire);
}
