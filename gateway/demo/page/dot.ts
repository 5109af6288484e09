import type { State } from "../../../client/src/index.ts";
import { h, shape } from "./dom.ts";

/** What the states are called on the page. */
export const labels: Record<State, string> = {
  online: "Online", idle: "Idle", busy: "Busy", appear_offline: "Appear offline", offline: "Offline", unknown: "Unknown",
};

const disc = "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1Z";

// Each state has a shape of its own: who sees no colours sees the difference.
const shapes: Record<State, Record<string, string>> = {
  online: { fill: disc, mark: "m4.9 8.2 2.2 2.2 4-4.6" },
  idle: { fill: "M9.6 1.2A7 7 0 1 0 14.9 9 5.6 5.6 0 0 1 9.6 1.2Z" },
  busy: { fill: disc, mark: "M4.8 8h6.4" },
  appear_offline: { dashes: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2Z", line: "M8 8h.01" },
  offline: { line: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2Z" },
  unknown: { line: "M6 6.2a2.1 2.1 0 1 1 2.9 2c-.6.2-.9.6-.9 1.3M8 12.3h.01" },
};

/** dot is a state as a small picture; the word stands beside it. */
export function dot(state: State): HTMLElement {
  return h("span", { className: `dot ${state}` }, shape("0 0 16 16", shapes[state]));
}
