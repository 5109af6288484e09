import { createContext, createElement, type ReactElement, type ReactNode, useCallback, useContext, useMemo, useSyncExternalStore } from "react";
import { Others, type States, steady } from "./lib/others.js";
import type { Presence } from "./presence.js";
import type { Self, State, Status } from "./types.js";

export { PresenceDot, type PresenceDotProps } from "./react-dot.js";
export type { States } from "./lib/others.js";

const Context = createContext<Presence | undefined>(undefined);

/** Gives the components below it a connection. It neither opens nor closes it: that is for the code that called `connect`. */
export function PresenceProvider(props: { presence: Presence; children?: ReactNode }): ReactElement {
  return createElement(Context.Provider, { value: props.presence }, props.children);
}

/** The connection of the nearest provider. */
export function useConnection(): Presence {
  const presence = useContext(Context);
  if (!presence) throw new Error("usePresence and its like need a <PresenceProvider presence={connect(…)}> above them");
  return presence;
}

/** The state of a participant, live; `unknown` until it is known, and on the server. */
export function usePresence(id: string): State {
  const presence = useConnection();
  const subscribe = useCallback((changed: () => void) => presence.subscribe(id, changed), [presence, id]);
  return useSyncExternalStore(subscribe, () => presence.getPresence(id) ?? "unknown", () => "unknown");
}

/**
 * The states of a list, live, with one render for all that changes at once. With `select` it is what that makes of them, and there
 * is a render only when the result changes: a count, or the list of those who are online.
 */
export function useOthers(ids: readonly string[]): States;
export function useOthers<T>(ids: readonly string[], select: (states: States) => T): T;
export function useOthers<T>(ids: readonly string[], select: (states: States) => T | States = all): T | States {
  const presence = useConnection();
  const key = JSON.stringify(ids); // a list may be made anew for each render
  const others = useMemo(() => new Others(presence, JSON.parse(key)), [presence, key]);
  const pick = useMemo(() => steady<T | States>(), [others]);
  return useSyncExternalStore(others.subscribe, () => pick(others.states, select), () => pick(others.unknown, select));
}

const all = (states: States): States => states;

/** One's own state and override; undefined until the first welcome. */
export function useSelf(): Self | undefined {
  const presence = useConnection();
  const subscribe = useCallback((changed: () => void) => presence.on("self", changed), [presence]);
  return useSyncExternalStore(subscribe, () => presence.self, () => undefined);
}

/** What the server can do, in words such as `visibility`; none before the first welcome. */
export function useFeatures(): readonly string[] {
  const presence = useConnection();
  const subscribe = useCallback((changed: () => void) => presence.on("status", changed), [presence]);
  return useSyncExternalStore(subscribe, () => presence.features, () => none);
}

const none: readonly string[] = [];

/** The connection's status, for a line such as "offline, trying again"; `presence.waiting` says why and until when. */
export function useStatus(): Status {
  const presence = useConnection();
  const subscribe = useCallback((changed: () => void) => presence.on("status", changed), [presence]);
  return useSyncExternalStore(subscribe, () => presence.status, () => "connecting");
}
