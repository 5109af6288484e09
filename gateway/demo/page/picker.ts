import type { Override, Presence } from "../../../client/src/index.ts";
import { h } from "./dom.ts";
import { dot } from "./dot.ts";

const choices: { value: Override; text: string; hint: string; state: "online" | "busy" | "appear_offline"; pick: (p: Presence) => Promise<void> }[] = [
  { value: "auto", text: "Online", hint: "auto-detect", state: "online", pick: (p) => p.autoDetect() },
  { value: "busy", text: "Busy", hint: "do not disturb", state: "busy", pick: (p) => p.setBusy() },
  { value: "appear_offline", text: "Appear offline", hint: "there, unseen", state: "appear_offline", pick: (p) => p.appearOffline() },
];

/** Picker is where a person picks what others see. */
export class Picker {
  readonly element: HTMLFieldSetElement;
  private inputs = new Map<Override, HTMLInputElement>();

  constructor(group: string, presence: Presence, failed: (reason: unknown) => void) {
    this.element = h("fieldset", { className: "picker" }, h("legend", { className: "unseen" }, "Profile"));
    for (const c of choices) {
      const input = h("input", { type: "radio", name: `profile-${group}`, value: c.value, onchange: () => c.pick(presence).catch(failed) });
      this.inputs.set(c.value, input);
      this.element.append(h("label", {}, input, dot(c.state), h("span", { className: "what" }, c.text), h("span", { className: "hint" }, c.hint)));
    }
  }

  /** show follows what was picked, on whichever device. */
  show(override: Override): void {
    const input = this.inputs.get(override);
    if (input) input.checked = true;
  }
}
