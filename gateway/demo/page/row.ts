import type { Presence, State } from "../../../client/src/index.ts";
import type { Detail } from "./api.ts";
import { clock, h } from "./dom.ts";
import { Avatar, isAI, nameOf, say } from "./person.ts";

/** What a viewer can do about another. */
export interface Acts {
  message(row: Row): void;
  block(row: Row): void;
}

/** Row is somebody as one viewer sees them. */
export class Row {
  readonly element: HTMLLIElement;
  state: State = "unknown";
  blocked = false;
  private avatar: Avatar;
  private word = h("span", { className: "word" }, say("unknown"));
  private seen = h("span", { className: "seen" });
  private note = h("span", { className: "note", hidden: true });
  private tag = h("span", { className: "tag", hidden: true }, "blocked");
  private blocker = h("button", { type: "button", className: "quiet", hidden: true });

  constructor(readonly id: string, presence: Presence, acts: Acts) {
    this.avatar = new Avatar(id);
    const saying = document.createElement("presence-status");
    saying.presence = presence;
    saying.setAttribute("participant", id);
    const name = h("span", { className: "name" }, nameOf(id), this.tag,
      isAI(id) && h("abbr", { className: "tag", title: "always there, without any heartbeat" }, "AI"));
    const button = h("button", { type: "button", className: "quiet", onclick: () => acts.message(this) }, "Message");
    button.setAttribute("aria-label", `Message ${nameOf(id)}`);
    this.blocker.addEventListener("click", () => acts.block(this));
    this.element = h("li", { className: "row" },
      this.avatar.element,
      h("div", { className: "who" }, name, h("span", { className: "how" }, this.word, this.seen, this.note), saying),
      !isAI(id) && h("span", { className: "acts" }, button, this.blocker));
    this.element.dataset.person = id;
    this.element.dataset.state = "unknown";
    this.block(false);
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

  /** offer shows the button to block with, where the server knows of blocks. */
  offer(known: boolean): void { this.blocker.hidden = !known; }

  /** block shows whether the viewer has blocked this one. */
  block(blocked: boolean): void {
    const word = blocked ? "Unblock" : "Block";
    this.blocked = blocked;
    this.tag.hidden = !blocked;
    this.blocker.textContent = word;
    this.blocker.setAttribute("aria-label", `${word} ${nameOf(this.id)}`);
    this.element.dataset.blocked = String(blocked);
  }

  /** wrote says that there was a direct message: from now on these two see through each other's "appear offline". */
  wrote(at: Date): void {
    this.note.hidden = false;
    this.note.textContent = `wrote at ${clock(at)}`;
    this.note.title = "For 24 hours these two see each other, appear offline or not.";
  }
}
