import type { Presence } from "../presence.js";
import { type Override, PresenceError } from "../types.js";
import { refused } from "./calls.js";
import { type End, ending } from "./ending.js";
import { feature, Statuses } from "./statuses.js";
import type { ClientMessage, EndWire } from "./wire.js";
import { Wish } from "./wish.js";

/**
 * What {@link withStatus} adds. Each rejects with a PresenceError if the server refuses it, with `timeout` if its `for` is over before
 * the server could be told, and otherwise waits for the server.
 */
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
  const [busy, hide] = [presence.setBusy.bind(presence), presence.appearOffline.bind(presence)];
  const say = (by: Wish, end: End, message: (left: EndWire) => ClientMessage): Promise<void> => {
    if (presence.status === "closed") return refused("closed", "closed");
    const left = ending(end);
    if (typeof left === "string") return refused("bad_request", left);
    const done = by.set(telling(presence, left, message));
    pump();
    return done;
  };
  const pick = (what: Override, end: End): Promise<void> => say(override, end, (left) => ({ type: "override", override: what, ...left }));
  presence.on("closed", ({ message }) => wish.end(new PresenceError("closed", message)));
  return {
    setStatus: (text, { emoji = "", ...end } = {}) => say(wish, end, (left) => ({ type: "status", status: { text, emoji, ...left } })),
    clearStatus: () => say(wish, {}, () => ({ type: "status", status: null })),
    setBusy: (end) => (end ? pick("busy", end) : busy()),
    appearOffline: (end) => (end ? pick("appear_offline", end) : hide()),
    statuses: new Statuses(presence),
  };
}

/**
 * Makes a message each time that it is to be sent, with what is left by then. A server that doesn't name the feature is told once:
 * it may not know it, or not on all of its nodes, for days.
 */
function telling(presence: Presence, left: () => EndWire | PresenceError, message: (left: EndWire) => ClientMessage): () => ClientMessage | PresenceError {
  let told = false;
  return () => {
    const wire = left();
    if (wire instanceof PresenceError) return wire;
    if (told && !presence.features.includes(feature)) return new PresenceError("unavailable", "not on all nodes of this server yet");
    told = true;
    return message(wire);
  };
}
