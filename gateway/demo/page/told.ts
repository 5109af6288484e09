import type { State } from "../../../client/src/index.ts";
import { clock, h } from "./dom.ts";
import { dot } from "./dot.ts";
import { nameOf, say } from "./person.ts";

const most = 40;

/** Told is the list of changes that somebody was told of, the latest first. */
export class Told {
  readonly element: HTMLElement;
  private list = h("ol", { className: "told" });
  private empty = h("p", { className: "soft none" }, "Nothing yet. As long as nothing changes, nothing is sent.");

  constructor(viewer: string) {
    this.element = h("section", { className: "log", ariaLabel: `What ${viewer} was told` },
      h("h3", {}, `What ${viewer} was told`), this.empty, this.list);
    this.list.tabIndex = 0; // it scrolls; the keyboard must reach it
    this.list.setAttribute("aria-label", "Changes, the latest first");
    this.list.hidden = true;
  }

  add(id: string, state: State): void {
    this.empty.hidden = true;
    this.list.hidden = false;
    const line = h("li", {}, h("time", {}, clock(new Date())), dot(state), h("span", {}, h("strong", {}, nameOf(id)), ` ${say(state).toLowerCase()}`));
    line.dataset.person = id;
    line.dataset.state = state;
    this.list.prepend(line);
    while (this.list.childElementCount > most) this.list.lastElementChild?.remove();
  }
}
