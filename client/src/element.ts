import { watchSeen } from "./lib/seen.js";
import type { Presence } from "./presence.js";
import type { State } from "./types.js";

/** What a dot says; give others for other languages. */
export const labels: Record<State, string> = {
  online: "online",
  idle: "idle",
  busy: "busy",
  appear_offline: "appears offline",
  offline: "offline",
  unknown: "not known",
};

// Each state has its own shape, so that none is told by colour alone.
const css = `
:host { display: inline-block; width: 0.75em; height: 0.75em; vertical-align: baseline; }
:host([hidden]) { display: none; }
span { display: block; box-sizing: border-box; width: 100%; height: 100%; border-radius: 50%; border: 0.15em solid currentColor; color: var(--presence-offline, #6e7781); }
:host([state="online"]) span { color: var(--presence-online, #1a7f37); background: currentColor; }
:host([state="idle"]) span { color: var(--presence-idle, #9a6700); background: linear-gradient(90deg, currentColor 50%, transparent 50%); }
:host([state="busy"]) span { color: var(--presence-busy, #cf222e); background: linear-gradient(transparent 35%, Canvas 35% 65%, transparent 65%), currentColor; }
:host([state="appear_offline"]) span { color: var(--presence-hidden, #8250df); border-style: dashed; }
:host([state="unknown"]) span { border-style: dotted; }
@media (forced-colors: active) { span { forced-color-adjust: none; color: CanvasText !important; } }
`;

/** `<presence-dot participant="ada" name="Ada">`. */
export interface PresenceDot extends HTMLElement {
  /** Whom this dot asks, if not the connection that the element was defined with. */
  presence: Presence;
}

/** Defines the element: a dot that is live while it can be seen. The class is made here, so that importing this file needs no DOM. */
export function definePresenceDot(presence: Presence, options: { tag?: string; labels?: Partial<Record<State, string>> } = {}): void {
  const words = { ...labels, ...options.labels };
  const sheet = new CSSStyleSheet(); // a strict content security policy would refuse a style element
  sheet.replaceSync(css);

  class Dot extends HTMLElement implements PresenceDot {
    static readonly observedAttributes = ["participant", "name"];
    #presence = presence;
    #seen = false;
    #stop: (() => void) | undefined;
    #unsee = (): void => {};

    constructor() {
      super();
      const root = this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [sheet];
      root.append(document.createElement("span"));
    }

    get presence(): Presence {
      return this.#presence;
    }

    set presence(other: Presence) {
      this.#presence = other;
      this.#watch();
    }

    connectedCallback(): void {
      this.setAttribute("role", "img");
      this.#unsee = watchSeen(this, (seen) => this.#look(seen));
      this.#show(this.#known());
    }

    disconnectedCallback(): void {
      this.#unsee();
    }

    attributeChangedCallback(): void {
      if (this.isConnected) this.#watch();
    }

    #look(seen: boolean): void {
      this.#seen = seen;
      this.#watch();
    }

    #watch(): void {
      this.#stop?.();
      this.#stop = undefined;
      const id = this.getAttribute("participant");
      this.#show(this.#known());
      if (this.#seen && id) this.#stop = this.#presence.subscribe(id, (_, state) => this.#show(state));
    }

    #known(): State {
      return this.#presence.getPresence(this.getAttribute("participant") ?? "") ?? "unknown";
    }

    #show(state: State): void {
      const who = this.getAttribute("name") ?? this.getAttribute("participant") ?? "";
      this.setAttribute("state", state);
      this.setAttribute("aria-label", `${who}: ${words[state]}`);
      this.title = words[state];
    }
  }
  customElements.define(options.tag ?? "presence-dot", Dot);
}

declare global {
  interface HTMLElementTagNameMap {
    "presence-dot": PresenceDot;
  }
}
