import type { Activity } from "../types.js";
import { openTabs, type Tabs } from "./tabs.js";
import { longestMs } from "./timer.js";

export interface ActivityConfig {
  readonly idleAfterMs: number;
  /** Whose events count. */
  readonly target: EventTarget;
  /** The activity has changed. */
  changed(): void;
}

const signs = ["keydown", "mousemove", "mousedown", "pointerdown", "wheel", "scroll", "touchstart", "touchmove", "focus"];

/**
 * Says whether the person is there. An event costs a note of the time; the timer looks at the notes when it fires and sets itself again,
 * so a timer that is held back in a hidden tab or by sleep makes nothing wrong, only late.
 */
export class ActivityWatch {
  readonly #config: ActivityConfig;
  readonly #ear = new AbortController();
  #last = Date.now();
  #frozen = false;
  #idle = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tabs: Tabs | undefined;
  #pointer = "";

  constructor(config: ActivityConfig) {
    this.#config = config;
    const options = { capture: true, passive: true, signal: this.#ear.signal };
    for (const sign of signs) config.target.addEventListener(sign, this.#sign, options);
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
    const pauseMs = Math.min(5000, this.#config.idleAfterMs / 10);
    this.#tabs = openTabs(participant, pauseMs, (at) => this.#note(at));
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

  /** No timer will run from now on, so this device would stay online: other tabs speak for the person. */
  freeze(frozen: boolean): void {
    this.#frozen = frozen;
    this.#look();
  }

  stop(): void {
    this.#ear.abort();
    clearTimeout(this.#timer);
    this.unshare();
  }

  #sign = (event: Event): void => {
    if (event.type === "mousemove" && !this.#moved(event as MouseEvent)) return;
    if (event.type === "scroll" && scrollsItself()) return;
    this.note();
  };

  /** Browsers also send mousemove when the page moves below the pointer. */
  #moved(event: MouseEvent): boolean {
    const before = this.#pointer;
    this.#pointer = `${event.screenX},${event.screenY}`;
    return this.#pointer !== before;
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
    clearTimeout(this.#timer);
    if (this.#idle) return;
    const left = this.#last + this.#config.idleAfterMs - Date.now();
    this.#timer = setTimeout(() => {
      this.#look();
      this.#schedule();
    }, Math.min(Math.max(left, 1), longestMs));
  }
}

/** A chat scrolls to each new message, all night long. A person has touched or pressed something a moment before, where the browser tells. */
function scrollsItself(): boolean {
  return globalThis.navigator?.userActivation?.isActive === false;
}
