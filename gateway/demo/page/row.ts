import type { State } from "../../../client/src/index.ts";
import type { Detail } from "./api.ts";
import { clock, h } from "./dom.ts";
import { Avatar, isAI, nameOf, say } from "./person.ts";

/** Row is somebody as one viewer sees them. */
export class Row {
  readonly element: HTMLLIElement;
  state: State = "unknown";
  private avatar: Avatar;
  private word = h("span", { className: "word" }, say("unknown"));
  private seen = h("span", { className: "seen" });
  private note = h("span", { className: "note", hidden: true });

  constructor(readonly id: string, message: (row: Row) => void) {
    this.avatar = new Avatar(id);
    const name = h("span", { className: "name" }, nameOf(id), isAI(id) && h("abbr", { className: "tag", title: "always there, without any heartbeat" }, "AI"));
    const button = h("button", { type: "button", className: "quiet", onclick: () => message(this) }, "Message");
    button.setAttribute("aria-label", `Message ${nameOf(id)}`);
    this.element = h("li", { className: "row" },
      this.avatar.element, h("div", { className: "who" }, name, h("span", { className: "how" }, this.word, this.seen, this.note)), !isAI(id) && button);
    this.element.dataset.person = id;
    this.element.dataset.state = "unknown";
  }

  show(state: State): void {
    this.state = state;
    this.avatar.show(state);
    this.word.textContent = say(state);
    this.element.dataset.state = state;
    if (state !== "offline") this.seen.textContent = "";
  }

  /** seenAt is for those who are away: the others are being seen now. */
  seenAt(d: Detail): void {
    if (this.state !== "offline") return;
    this.seen.textContent = d.last_seen ? `last seen ${clock(new Date(d.last_seen))}` : "not seen lately";
  }

  /** wrote says that there was a direct message: from now on these two see through each other's "appear offline". */
  wrote(at: Date): void {
    this.note.hidden = false;
    this.note.textContent = `wrote at ${clock(at)}`;
    this.note.title = "For 24 hours these two see each other, appear offline or not.";
  }
}
