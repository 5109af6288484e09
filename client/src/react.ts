import { createContext, createElement, type ReactElement, type ReactNode, useCallback, useContext, useSyncExternalStore } from "react";
import type { Presence } from "./presence.js";
import type { Self, State } from "./types.js";

const Context = createContext<Presence | undefined>(undefined);

/** Gives the components below it a connection. It neither opens nor closes it: whoever called `connect` does. */
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

/** One's own state and override; undefined until the first welcome. */
export function useSelf(): Self | undefined {
  const presence = useConnection();
  const subscribe = useCallback((changed: () => void) => presence.on("self", changed), [presence]);
  return useSyncExternalStore(subscribe, () => presence.self, () => undefined);
}
