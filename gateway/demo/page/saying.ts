import type { Override } from "../../../client/src/index.ts";
import type { End, Own, StatusCalls } from "../../../client/src/status.ts";
import { endLine } from "../../../client/src/status.ts";
import { h } from "./dom.ts";

/** Until when something may be said here, by its name. */
const ends = new Map<string, () => End>([
  ["for 30 minutes", () => ({ for: 30 * 60 })],
  ["for an hour", () => ({ for: 60 * 60 })],
  ["today", () => ({ until: new Date().setHours(24, 0, 0, 0) })],
  ["without an end", () => ({})],
]);

/** statusLine is a status as text: emoji, what is said, in whichever direction that is, and until when, in the reader's language. */
function statusLine(status?: Own["status"]): HTMLElement {
  const line = h("p", { className: "said", role: "status" });
  if (!status) return line;
  const until = h("bdi", { className: "soft", lang: navigator.language }, endLine(status.until));
  line.append(...[h("bdi", {}, status.emoji), h("bdi", {}, status.text), until].filter((e) => e.textContent));
  return line;
}

/** claims are the backends that make a person busy: none does while something is picked by hand. */
export function claims({ busy }: Own, override: Override | undefined): readonly string[] { return override === "auto" ? busy : []; }

/** whyBusy is what a person's own state owes to others than the picker. */
export function whyBusy(own: Own, override: Override | undefined): string {
  const sources = claims(own, override);
  return endLine(own.overrideUntil) || (sources.length ? `says ${sources.join(", ")}` : "");
}

/** Saying is where a person says something of oneself, and until when. */
export class Saying {
  readonly element: HTMLFormElement;
  private emoji = h("input", { type: "text", className: "emoji", ariaLabel: "Emoji", placeholder: "☕", autocomplete: "off" });
  private text = h("input", { type: "text", ariaLabel: "Status", placeholder: "Having a coffee", autocomplete: "off", dir: "auto" });
  private end = h("select", { ariaLabel: "Until when" }, ...[...ends.keys()].map((name) => h("option", {}, name)));
  private line = statusLine(); // read out when it changes
  private clear = h("button", { type: "button", className: "quiet", hidden: true }, "Clear");

  constructor(private presence: StatusCalls, private failed: (reason: unknown) => void) {
    const busy = h("button", { type: "button", className: "quiet", onclick: () => this.done(presence.setBusy({ for: 30 * 60 })) }, "Busy for 30 minutes");
    this.clear.addEventListener("click", () => { this.text.focus(); this.done(presence.clearStatus()); }); // the button will be gone
    this.element = h("form", { className: "saying", hidden: true, onsubmit: (e: Event) => { e.preventDefault(); this.say(); } },
      h("div", { className: "line" }, this.emoji, this.text), h("div", { className: "line" }, this.end, h("button", {}, "Say so"), this.clear, busy), this.line);
  }

  /** offer shows the form, where the server knows of statuses. */
  offer(known: boolean): void { this.element.hidden = !known; }

  /** show follows what was said, on whichever device. */
  show({ status }: Own): void {
    const line = statusLine(status);
    if (!line.isEqualNode(this.line)) this.line.replaceChildren(...line.childNodes);
    this.clear.hidden = !status;
  }

  private say(): void {
    const [text, emoji] = [this.text.value.trim(), this.emoji.value.trim()];
    if (!text && !emoji) return this.text.focus();
    this.done(this.presence.setStatus(text, { emoji, ...ends.get(this.end.value)?.() }).then(() => { this.text.value = this.emoji.value = ""; }));
  }

  private done(asked: Promise<void>): void { asked.then(() => this.failed(""), this.failed); }
}
