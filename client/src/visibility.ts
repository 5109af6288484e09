/**
 * Who may see this participant: blocks, and how much the others see. All of it is the server's to
 * keep, so nothing is kept here. Servers that know it name the feature `visibility`.
 */
import { Calls, refused, type Request } from "./lib/calls.js";
import { faultOf } from "./lib/ids.js";
import type { Presence } from "./presence.js";

/** How much others see of a participant. */
export interface Visibility {
  /** Who sees it without a reason to: `everyone`, or only those who are `allowed`. */
  readonly default: "everyone" | "allowed";
  /** `coarse` is to the day, in UTC; `hidden` is none. */
  readonly lastSeen: "exact" | "coarse" | "hidden";
}

/** What is left out stays; null goes back to the server's own. */
export type VisibilityChange = { readonly [K in keyof Visibility]?: Visibility[K] | null };

/** What {@link withVisibility} adds. Each rejects with a PresenceError, after 15 s of trying at most; 7 s without an answer end an attempt. */
export interface VisibilityCalls {
  /** From now on the other sees this participant as one that was never there. */
  block(viewer: string): Promise<void>;
  unblock(viewer: string): Promise<void>;
  /** Who is blocked, by the bytes of their ids. */
  blocks(): Promise<string[]>;
  /** How it is now, also if nothing was set. */
  visibility(): Promise<Visibility>;
  /** Changes it. */
  visibility(change: VisibilityChange): Promise<void>;
}

const dots = /^\.\.?$/; // a path loses them, however they are written

/** Adds the calls to a connection, and gives it back. Doing it again changes nothing. */
export function withVisibility<P extends Presence>(presence: P): P & VisibilityCalls {
  if ("block" in presence) return presence as P & VisibilityCalls;
  return Object.assign(presence, callsOf(new Calls(presence)));
}

function callsOf(calls: Calls): VisibilityCalls {
  const set = (method: "PUT" | "DELETE", viewer: string): Promise<void> => {
    const fault = faultOf(viewer);
    if (fault) return refused(fault.code, fault.message);
    if (dots.test(viewer)) return refused("invalid_id", `id "${viewer}" can't be part of an address`);
    return calls.make({ method, path: `blocks/${encodeURIComponent(viewer)}` });
  };
  function visibility(): Promise<Visibility>;
  function visibility(change: VisibilityChange): Promise<void>;
  function visibility(change?: VisibilityChange): Promise<Visibility | void> {
    return change ? calls.make(changing(change)) : calls.make(asking);
  }
  return {
    block: (viewer) => set("PUT", viewer),
    unblock: (viewer) => set("DELETE", viewer),
    blocks: () => calls.make<string[]>({ method: "GET", path: "blocks", read: ({ blocks }) => blocks }),
    visibility,
  };
}

const asking: Request<Visibility> = {
  method: "GET",
  path: "visibility",
  read: (said) => said.default && { default: said.default, lastSeen: said.last_seen },
};

function changing({ default: byDefault, lastSeen }: VisibilityChange): Request<void> {
  return { method: "PUT", path: "visibility", body: { default: byDefault, last_seen: lastSeen } };
}
