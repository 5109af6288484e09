import { createElement, type CSSProperties, type DetailedHTMLProps, type HTMLAttributes, type ReactElement, useCallback } from "react";
import { definePresenceDot, type PresenceDot as DotElement } from "./element.js";
import { useConnection } from "./react.js";

export interface PresenceDotProps {
  /** Whom it shows. */
  id: string;
  /** For screen readers, instead of the id. */
  name?: string;
  className?: string;
  style?: CSSProperties;
}

/**
 * A dot that is live while it can be seen: the element `<presence-dot>`, with the connection of the nearest provider. Call
 * `definePresenceDot` before the first one is rendered to give the words of another language.
 */
export function PresenceDot({ id, className, ...rest }: PresenceDotProps): ReactElement {
  const presence = useConnection();
  if (typeof customElements !== "undefined" && !customElements.get("presence-dot")) definePresenceDot(presence);
  const attach = useCallback((dot: DotElement | null) => void (dot && (dot.presence = presence)), [presence]);
  // React 18 gives an element of one's own the attributes as they are spelled. What the element sets by itself is not React's.
  return createElement("presence-dot", { ...rest, ...(className && { class: className }), participant: id, ref: attach, suppressHydrationWarning: true });
}

/** What `<presence-dot>` takes. */
export type DotAttributes = DetailedHTMLProps<HTMLAttributes<DotElement>, DotElement> & { participant: string; name?: string; class?: string };

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "presence-dot": DotAttributes;
    }
  }
}
