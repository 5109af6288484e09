import type { Presence } from "../presence.js";
import { endLine, type EndLineOptions, languageOf, untilTomorrowMs } from "./endline.js";
import { watchSeen } from "./seen.js";
import type { ParticipantStatus } from "./statuses.js";
import { after } from "./timer.js";
import { withStatus } from "./with-status.js";

// What is said may be in another direction than the page. A long text gives way to its end, and where there is no room for both
// the end has a line of its own.
const css = `
:host { display: inline-flex; flex-wrap: wrap; gap: 0 0.35em; align-items: baseline; min-width: 0; max-width: 100%; vertical-align: baseline; }
:host([hidden]) { display: none; }
:empty { display: none; }
[part="text"] { flex: 1 1 7em; max-width: max-content; min-width: 0; }
[part="emoji"], [part="until"] { flex: none; max-width: 100%; }
[part="text"], [part="emoji"] { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
[part="until"] { color: var(--presence-until, inherit); font-size: 0.9em; }
`;

/** `<presence-status participant="ada">`: emoji, text and until when; nothing where there is no status. */
export interface PresenceStatus extends HTMLElement {
  /** Whom this element asks, if not the connection that it was defined with. */
  presence: Presence;
}

/** Defines the element, which is live while it can be seen. The class is made here, so that importing this file needs no DOM. */
export function definePresenceStatus(presence: Presence, options: { tag?: string } & Pick<EndLineOptions, "locale" | "words"> = {}): void {
  const sheet = new CSSStyleSheet(); // a strict content security policy would refuse a style element
  sheet.replaceSync(css);
  const { locale, words } = options;
  const language = words ? "" : languageOf(locale); // which may be another than the page's, and sounds so

  class Status extends HTMLElement implements PresenceStatus {
    static readonly observedAttributes = ["participant"];
    #presence = withStatus(presence);
    #seen = false;
    #stop = (): void => {};
    #stopDay = (): void => {};
    #unsee = (): void => {};
    readonly #emoji = part("span", "emoji");
    readonly #text = part("bdi", "text");
    readonly #until = part("bdi", "until");

    constructor() {
      super();
      const root = this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [sheet];
      if (language) this.#until.lang = language;
      root.append(this.#emoji, this.#text, this.#until);
    }

    get presence(): Presence {
      return this.#presence;
    }

    set presence(other: Presence) {
      this.#presence = withStatus(other);
      this.#watch();
    }

    connectedCallback(): void {
      this.#unsee = watchSeen(this, (seen) => this.#look(seen));
      this.#watch();
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
      const id = this.getAttribute("participant") ?? "";
      this.#stop();
      this.#show(this.#presence.statuses.get(id));
      this.#stop = this.#seen && id ? this.#presence.statuses.subscribe(id, (_, status) => this.#show(status)) : () => {};
    }

    #show(status: ParticipantStatus | undefined): void {
      const line = status ? endLine(status.until, options) : "";
      this.#stopDay();
      if (line && this.#seen) this.#stopDay = after(untilTomorrowMs(), () => this.#show(status));
      this.#emoji.textContent = status?.emoji ?? "";
      this.#text.textContent = status?.text ?? "";
      this.#until.textContent = line;
      this.title = [status?.emoji, status?.text, line].filter(Boolean).map(isolated).join(" ");
      this.toggleAttribute("status", !!status);
    }
  }
  customElements.define(options.tag ?? "presence-status", Status);
}

/** A tooltip has no elements, and its parts may be in different directions. */
function isolated(text: string | undefined): string {
  return `\u2068${text}\u2069`;
}

function part(tag: "span" | "bdi", name: string): HTMLElement {
  const element = document.createElement(tag);
  element.setAttribute("part", name);
  return element;
}

declare global {
  interface HTMLElementTagNameMap {
    "presence-status": PresenceStatus;
  }
}
