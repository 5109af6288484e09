import type { State } from "../../../client/src/index.ts";
import { h, shape } from "./dom.ts";

/** What the states are called on the page. */
export const labels: Record<State, string> = {
  online: "Online", idle: "Idle", busy: "Busy", appear_offline: "Appear offline", offline: "Offline", unknown: "Unknown",
};

const disc = "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1Z";
const ring = "M8 2.3a5.7 5.7 0 1 1 0 11.4A5.7 5.7 0 0 1 8 2.3Z";

// Each state has a shape of its own: who sees no colours sees the difference. They are the shapes of <presence-dot>, in
// client/src/element.ts, and of the signs that the command prints: one look for each state, wherever it is seen.
const shapes: Record<State, Record<string, string>> = {
  online: { fill: disc },
  idle: { line: ring, fill: "M8 1a7 7 0 0 0 0 14Z" },
  busy: { fill: disc, mark: "M4 8h8" },
  appear_offline: { dashes: ring },
  offline: { line: ring },
  unknown: { dots: ring },
};

/** dot is a state as a small picture; the word stands beside it. */
export function dot(state: State): HTMLElement {
  return h("span", { className: `dot ${state}` }, shape("1 1 14 14", shapes[state]));
}
