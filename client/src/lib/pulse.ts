import type { Activity } from "../types.js";
import type { Outgoing, Source } from "./outbox.js";
import { after } from "./timer.js";
import type { ServerMessage, Welcome } from "./wire.js";

export interface PulseConfig {
  /** Undefined: a watcher, which has no heartbeat. */
  activity(): Activity | undefined;
  pump(): void;
  /** The server doesn't answer any more. */
  silent(): void;
}

const replyMs = 10_000;
const doubtfulReplyMs = 3_000; // where there is a reason to think that the connection is dead
const lateMs = 1_000; // a timer that comes later than this was held back, by sleep or in a hidden tab

/**
 * Heartbeats: every interval, and at once when the activity changes. They ask for an answer, since a browser doesn't tell of a
 * connection that died without a word. A watcher asks for its own state instead.
 */
export class Pulse implements Source {
  readonly #config: PulseConfig;
  #participant = "";
  #told: Activity | undefined;
  #due = false;
  #beats: ReturnType<typeof setInterval> | undefined;
  #stopReply: (() => void) | undefined;

  constructor(config: PulseConfig) {
    this.#config = config;
  }

  /** The hello told this activity. */
  begin(welcome: Welcome, told: Activity | undefined): void {
    this.#participant = welcome.participant_id;
    this.#told = told;
    this.#beats = setInterval(() => this.beat(), Math.max(welcome.heartbeat_interval_ms, 100));
  }

  beat(): void {
    this.#due = true;
    this.#config.pump();
  }

  /** Beats now, and expects the answer soon. */
  doubt(): void {
    this.#expect(doubtfulReplyMs);
    this.beat();
  }

  /** Something came from the server. */
  heard(): void {
    this.#stopReply?.();
    this.#stopReply = undefined;
  }

  next(): Outgoing | undefined {
    const activity = this.#config.activity();
    if (!this.#due && activity === this.#told) return undefined;
    this.#due = false;
    this.#told = activity;
    if (!this.#stopReply) this.#expect(replyMs);
    const answer = (reply: ServerMessage): void => void (this.#due ||= reply.type === "error");
    return { message: activity ? { type: "heartbeat", activity } : { type: "query", ids: [this.#participant] }, answer };
  }

  reset(): void {
    clearInterval(this.#beats);
    this.heard();
    this.#due = false;
    this.#told = this.#config.activity();
  }

  #expect(ms: number): void {
    this.heard();
    const due = Date.now() + ms;
    this.#stopReply = after(ms, () => {
      this.#stopReply = undefined;
      if (Date.now() - due > lateMs) this.beat(); // this timer was held back, so perhaps was the answer: ask once more
      else this.#config.silent();
    });
  }
}
