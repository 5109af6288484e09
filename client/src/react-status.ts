import { type CSSProperties, createElement, type DetailedHTMLProps, type HTMLAttributes, type ReactElement, useCallback, useSyncExternalStore } from "react";
import { useConnection } from "./react.js";
import { definePresenceStatus, type Own, type ParticipantStatus, type PresenceStatus as StatusElement, withStatus } from "./status.js";

/** What a participant says of itself, live; undefined while nothing is known, or there is nothing. `useStatus` of the entry `react` is the connection's. */
export function useStatus(id: string): ParticipantStatus | undefined {
  const { statuses } = withStatus(useConnection());
  const subscribe = useCallback((changed: () => void) => statuses.subscribe(id, changed), [statuses, id]);
  return useSyncExternalStore(subscribe, () => statuses.get(id), () => undefined);
}

/** What is known of oneself beside state and override: one's status, the end of what was picked, and claims. */
export function useOwn(): Own {
  const { statuses } = withStatus(useConnection());
  const subscribe = useCallback((changed: () => void) => statuses.watchOwn(changed), [statuses]);
  return useSyncExternalStore(subscribe, () => statuses.own, () => statuses.own);
}

export interface PresenceStatusProps {
  /** Whose it shows. */
  id: string;
  className?: string;
  style?: CSSProperties;
}

/**
 * Emoji, text and until when, live while it can be seen: the element `<presence-status>`, with the connection of the nearest
 * provider. Call `definePresenceStatus` before the first one is rendered to give the words of another language.
 */
export function PresenceStatus({ id, className, ...rest }: PresenceStatusProps): ReactElement {
  const presence = useConnection();
  if (typeof customElements !== "undefined" && !customElements.get("presence-status")) definePresenceStatus(presence);
  const attach = useCallback((element: StatusElement | null) => void (element && (element.presence = presence)), [presence]);
  // As PresenceDot's: React 18 takes attributes as they are spelled, and what the element sets by itself isn't React's.
  return createElement("presence-status", { ...rest, ...(className && { class: className }), participant: id, ref: attach, suppressHydrationWarning: true });
}

/** What `<presence-status>` takes. */
export type StatusAttributes = DetailedHTMLProps<HTMLAttributes<StatusElement>, StatusElement> & { participant: string; class?: string };

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "presence-status": StatusAttributes;
    }
  }
}
