import type { State } from "../../../client/src/index.ts";
import { h, shape } from "./dom.ts";
import { dot, labels } from "./dot.ts";

/** isAI says whether an id is an AI's by its prefix. */
export const isAI = (id: string): boolean => /^(model|helper):/.test(id);

/** nameOf is how a participant is called on the page. */
export function nameOf(id: string): string {
  const name = id.replace(/^(model|helper):/, "");
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function hueOf(id: string): number {
  let hash = 0;
  for (const c of id) hash = (hash * 31 + (c.codePointAt(0) ?? 0)) >>> 0;
  return (hash * 137) % 360;
}

const spark = "M12 3c.9 5.2 3.8 8.1 9 9-5.2.9-8.1 3.8-9 9-.9-5.2-3.8-8.1-9-9 5.2-.9 8.1-3.8 9-9Z";

/** Avatar is a participant's picture with the dot in its corner. */
export class Avatar {
  readonly element: HTMLElement;
  private corner: HTMLElement;
  private state: State;

  constructor(id: string, state: State = "unknown") {
    this.state = state;
    this.corner = dot(state);
    const face = isAI(id) ? shape("0 0 24 24", { spark }) : nameOf(id).slice(0, 1);
    this.element = h("span", { className: isAI(id) ? "avatar ai" : "avatar", "aria-hidden": "true" }, face, this.corner);
    this.element.style.setProperty("--hue", String(hueOf(id)));
    this.element.dataset.state = state;
  }

  /** show changes the dot. The first known state is no change that an eye should be drawn to. */
  show(state: State): void {
    if (state === this.state) return;
    const next = dot(state);
    next.classList.toggle("fresh", this.state !== "unknown");
    this.corner.replaceWith(next);
    this.corner = next;
    this.state = state;
    this.element.dataset.state = state;
  }
}

/** say is a state in words. */
export const say = (state: State): string => labels[state];
