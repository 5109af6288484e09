import type { Presence } from "../../../client/src/index.ts";
import type { StatusCalls } from "../../../client/src/status.ts";
import type { Device } from "./api.ts";
import { h } from "./dom.ts";
import { dot } from "./dot.ts";
import { Avatar, nameOf, say } from "./person.ts";
import { Picker } from "./picker.ts";
import { Saying, whyBusy } from "./saying.ts";

const statuses: Record<Presence["status"], string> = {
  connecting: "connecting …", open: "", waiting: "connection lost, trying again …", closed: "signed out",
};

/** The ids that the client makes for a page, of about 26 digits; others have been given by people, and say what they are. */
const made = /^web-[0-9a-f]{16,}$/;

/** deviceName is what a visitor may call a device; own is the device of this window. */
function deviceName(id: string, own: string | null | undefined): string {
  if (id === own) return "this window";
  return made.test(id) ? "another tab" : id;
}

/** Profile is the head of a pane: who it is, what that person picked, and on which devices. */
export class Profile {
  readonly element: HTMLElement;
  private avatar: Avatar;
  private picker: Picker;
  private saying: Saying;
  private word = h("span", { className: "word" }, "…");
  private why = h("span");
  private count = h("span", { className: "soft" });
  private trouble = h("span", { className: "trouble", role: "status" });
  private list = h("ul", { className: "devices" });

  constructor(id: string, number: number, private presence: Presence & StatusCalls, leave: () => void) {
    this.avatar = new Avatar(id);
    const failed = (e: unknown) => this.say(e instanceof Error ? e.message : String(e));
    this.picker = new Picker(String(number), presence, failed);
    this.saying = new Saying(presence, failed);
    presence.statuses.watchOwn(() => this.own());
    this.own();
    const name = h("h2", { id: `pane-${number}` }, h("span", { className: "as" }, "as "), nameOf(id));
    const out = h("button", { type: "button", className: "quiet", onclick: leave }, "Sign out");
    out.setAttribute("aria-label", `Sign out ${nameOf(id)}`);
    this.element = h("header", { className: "profile" },
      h("div", { className: "me" }, this.avatar.element, h("div", { className: "who" }, name, h("span", { className: "how" }, this.word, this.why, this.count)), out),
      this.picker.element, this.saying.element, this.trouble, this.list);
  }

  /** offer shows what can be said, where the server knows of it. */
  offer(known: boolean): void { this.saying.offer(known); }

  /** own shows what is known of oneself beside the state. It reads otherwise when the day is over. */
  own(): void {
    const { self, statuses: { own } } = this.presence;
    this.why.textContent = whyBusy(own, self?.override);
    this.saying.show(own);
  }

  show(self: NonNullable<Presence["self"]>): void {
    this.avatar.show(self.state);
    this.word.textContent = say(self.state);
    this.picker.show(self.override);
    this.own();
    this.element.dataset.state = self.state;
    this.element.dataset.override = self.override;
  }

  status(status: Presence["status"]): void { this.say(statuses[status]); }

  private say(text: string): void { this.trouble.textContent = text; }

  /** devices are where this person is signed in: the most awake one counts. */
  devices(all: Device[]): void {
    this.count.textContent = all.length > 1 ? `on ${all.length} devices` : "";
    this.list.hidden = all.length < 2;
    this.list.setAttribute("aria-label", "Devices");
    this.list.replaceChildren(...all.slice(0, 6).map((d) => h("li", { title: d.device_id },
      dot(d.activity), h("span", { className: "what" }, deviceName(d.device_id, this.presence.deviceId)), h("span", {}, d.activity))));
    this.element.dataset.devices = String(all.length);
  }
}
