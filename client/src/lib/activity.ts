import type { Activity } from "../types.js";
import { openTabs, type Tabs } from "./tabs.js";
import { after } from "./timer.js";

export interface ActivityConfig {
  readonly idleAfterMs: number;
  /** Whose events count; null: nobody's, and idleAfterMs is Infinity. */
  readonly target: EventTarget | null;
  /** The activity has changed. */
  changed(): void;
}

const signs = "keydown mousemove pointerdown wheel scroll touchmove focus".split(" ");

/**
 * Reports whether the person is there. An event costs a note of the time; the timer looks at the notes when it fires and sets itself again,
 * so a timer that is held back in a hidden tab or by sleep makes nothing wrong, only late.
 */
export class ActivityWatch {
  readonly #config: ActivityConfig;
  readonly #ear = new AbortController();
  #last = Date.now();
  #frozen = false;
  #idle = false;
  #stopTimer = (): void => {};
  #tabs: Tabs | undefined;
  #pointer = "";

  constructor(config: ActivityConfig) {
    this.#config = config;
    const options = { capture: true, passive: true, signal: this.#ear.signal };
    for (const sign of signs) config.target?.addEventListener(sign, this.#sign, options);
    this.#schedule();
  }

  /** Computed at the moment of asking. */
  get activity(): Activity {
    const now = Date.now();
    this.#last = Math.min(this.#last, now); // the clock was set back
    return this.#frozen || now - this.#last >= this.#config.idleAfterMs ? "idle" : "online";
  }

  /** Shares activity with the other tabs in which this participant is signed in. */
  share(participant: string): void {
    this.unshare();
    if (!this.#config.target) return;
    this.#tabs = openTabs(participant, this.#config.idleAfterMs / 60, (at) => this.#note(at));
    this.#tabs?.tell(this.#last);
  }

  unshare(): void {
    this.#tabs?.close();
    this.#tabs = undefined;
  }

  /** The person has done something, just now. */
  note(): void {
    const now = Date.now();
    this.#note(now);
    this.#tabs?.tell(now);
  }

  /** The person has left, just now. */
  leave(): void {
    this.#last = -Infinity;
    this.#look();
  }

  /** No timer will run from now on, so this device would stay online: other tabs speak for the person. */
  freeze(frozen: boolean): void {
    this.#frozen = frozen;
    this.#look();
  }

  stop(): void {
    this.#ear.abort();
    this.#stopTimer();
    this.unshare();
  }

  #sign = (event: Event): void => {
    if (event.type === "mousemove" && !this.#moved(event as MouseEvent)) return;
    // A chat scrolls to each new message, all night long. A person has touched or pressed something a moment before, where the browser tells.
    if (event.type === "scroll" && globalThis.navigator?.userActivation?.isActive === false) return;
    this.note();
  };

  /** Browsers also send mousemove when the page moves below the pointer. */
  #moved(event: MouseEvent): boolean {
    const before = this.#pointer;
    return before !== (this.#pointer = `${event.screenX},${event.screenY}`);
  }

  #note(at: number): void {
    this.#last = Math.max(this.#last, at);
    if (this.#idle) this.#look();
  }

  #look(): void {
    const idle = this.activity === "idle";
    if (idle === this.#idle) return;
    this.#idle = idle;
    this.#schedule();
    this.#config.changed();
  }

  #schedule(): void {
    this.#stopTimer();
    if (this.#idle) return;
    const left = this.#last + this.#config.idleAfterMs - Date.now();
    this.#stopTimer = after(Math.max(left, 1), () => {
      this.#look();
      this.#schedule();
    });
  }
}
