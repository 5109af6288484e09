import { type Closed, PresenceError, type Status, type Waiting } from "../types.js";
import { backoff } from "./backoff.js";
import { Line } from "./line.js";
import type { Settings } from "./options.js";
import { originHint } from "./origin.js";
import { after } from "./timer.js";
import { askToken, tokenFault } from "./tokens.js";
import {
  type ClientMessage,
  codeAbnormal,
  codeBadMessage,
  codeGoodbye,
  codeLeaving,
  codeRateLimited,
  codeReplaced,
  codeTokenExpired,
  codeTooLarge,
  codeUnauthorized,
  decode,
  mayRepeat,
  type Refusal,
  type ServerMessage,
  type Welcome,
} from "./wire.js";

export interface ConnectionConfig {
  readonly settings: Settings;
  hello(token: string): ClientMessage;
  welcomed(welcome: Welcome): void;
  received(message: ServerMessage): void;
  /** Comes once for each welcome. */
  lost(): void;
  status(status: Status): void;
  failed(error: PresenceError): void;
  /** The same device connected elsewhere. Reports whether to go on, as another. */
  replaced(): boolean;
  /** The end; nothing comes after it. */
  ended(closed: Closed): void;
}

const attemptMs = 15_000; // to connect and be welcomed; the server itself waits up to 5 s for an owner
const settledMs = 10_000; // a connection that lasted so long was a good one: the next backoff begins anew
const retiredMs = 5_000; // how long a leaving node may take to hang up by itself
const betweenMovesMs = 2_000; // for a server that sends away at once whoever comes
const tokenLeast = 0.5; // of the ceiling: a refused token costs the application one more each time
const crowdedAttempt = 4; // after 4008: anything up to 16 s

const ends: Record<number, Closed["reason"]> = {
  [codeGoodbye]: "signed_out",
  [codeUnauthorized]: "unauthorized",
  [codeTokenExpired]: "token_expired",
  [codeBadMessage]: "refused",
  [codeReplaced]: "replaced",
};

function refusesToken(code: number): boolean {
  return code === codeUnauthorized || code === codeTokenExpired;
}

/** Keeps one socket open, as long as there is any point in it. */
export class Connection {
  readonly #config: ConnectionConfig;
  #status: Status = "waiting";
  #waiting: Waiting | undefined;
  #line: Line | undefined;
  #welcomedAt = 0; // 0: not yet
  #stop = (): void => {}; // ends the attempt, the wait, or the stay at a leaving node: never two
  #attempts = 0;
  #turn = 0; // which attempt; what belongs to an earlier one is ignored
  #hint: string; // while it isn't known that address and origin are good
  #refusal: string | undefined; // of the hello
  #quiet = 0; // until when no failure is told
  #moveAt = 0; // no `reconnect` is followed before
  #paused = false;

  constructor(config: ConnectionConfig) {
    this.#config = config;
    this.#hint = originHint(config.settings.address);
  }

  get status(): Status {
    return this.#status;
  }

  get waiting(): Waiting | undefined {
    return this.#waiting;
  }

  /** Connects now, unless it is connected, connecting or paused. */
  start(): void {
    if (this.#status === "waiting" && !this.#paused) void this.#attempt();
  }

  send(message: ClientMessage): void {
    this.#line?.send(JSON.stringify(message));
  }

  /** Gives the connection up, or the attempt, and begins anew at once. */
  restart(): void {
    this.suspend();
    this.start();
  }

  /** Hangs up until start is called. The server lets the device linger. */
  suspend(): void {
    if (this.#status === "closed") return;
    this.#drop()?.close();
    this.#wait("paused", Infinity);
  }

  /** Hangs up, and start does nothing, until it is paused no longer. */
  pause(paused: boolean): void {
    this.#paused = paused;
    if (paused) this.suspend();
    else this.start();
  }

  end(closed: Closed): void {
    if (this.#status === "closed") return;
    this.#drop()?.close();
    this.#setStatus("closed");
    this.#config.ended(closed);
  }

  async #attempt(): Promise<void> {
    const turn = ++this.#turn;
    this.#stop();
    this.#refusal = undefined;
    this.#setStatus("connecting");
    try {
      const token = await askToken(this.#config.settings.token);
      if (turn === this.#turn) this.#open(token);
    } catch (error) {
      if (turn === this.#turn) this.#retry("token", tokenFault(error));
    }
  }

  #open(token: string): void {
    try {
      this.#line = new Line(this.#config.settings, {
        opened: () => this.send(this.#config.hello(token)),
        heard: (data) => this.#take(decode(data)),
        ended: (code, reason) => this.#closed(code, reason),
      });
      this.#stop = after(attemptMs, () => this.#closed(this.#refusal ? codeUnauthorized : codeAbnormal, "no answer in time"));
    } catch (error) {
      this.end({ reason: "refused", message: String(error) }); // an insecure socket on a secure page, as an example
    }
  }

  #take(message: ServerMessage | undefined): void {
    if (message?.type === "welcome") this.#welcome(message);
    else if (message?.type === "reconnect") this.#leave(message.after_ms);
    else if (message?.type === "error" && !this.#welcomedAt) this.#refused(message);
    else if (message) this.#config.received(message);
  }

  #welcome(welcome: Welcome): void {
    this.#stop();
    this.#welcomedAt = Date.now();
    this.#quiet = 0;
    this.#hint = "";
    this.#config.welcomed(welcome);
    this.#setStatus("open");
  }

  /** The hello was refused. For what is wrong with the token the server closes, and the code says more. */
  #refused(refusal: Refusal): void {
    const { code, message } = refusal;
    this.#refusal = message;
    if (code === "unauthorized") return;
    if (mayRepeat(refusal) || code === "too_many_devices") {
      this.#drop()?.close();
      this.#retry("refused", message, undefined, code);
    } else {
      this.#config.failed(new PresenceError(code, message));
      this.end({ reason: "refused", message });
    }
  }

  /**
   * This node leaves, which is no failure. It hangs up by itself, which keeps the device; hanging up
   * first would start its linger. Where there is no other node, it may take a moment to be back.
   */
  #leave(askedMs: number): void {
    const afterMs = Math.max(askedMs, this.#moveAt - Date.now());
    this.#stop();
    this.#attempts = 0;
    this.#quiet = Date.now() + afterMs + settledMs;
    this.#stop = after(afterMs, () => {
      this.#moveAt = Date.now() + betweenMovesMs;
      const line = this.#drop();
      after(retiredMs, () => line?.close());
      void this.#attempt();
    });
  }

  #closed(code: number, reason: string): void {
    const message = this.#refusal ?? (reason || `closed with code ${code}`);
    const welcomedAt = this.#welcomedAt;
    const again = this.#mayReturn(code);
    this.#drop()?.close();
    if (!again) this.end({ reason: ends[code] ?? "refused", code, message });
    else if (code === codeTokenExpired && !this.#attempts) this.#retry("token", "", 0); // it was a good one
    else if (refusesToken(code)) this.#retry("token", `the server refused the token: ${message}`);
    else if (code === codeReplaced || (code === codeLeaving && welcomedAt)) {
      this.#attempts = -1; // it was asked for, so it is no failure
      this.#retry("moved", "", code === codeReplaced || Date.now() - welcomedAt >= settledMs ? 0 : undefined);
    } else if (code === codeRateLimited) this.#retry("refused", "", backoff(crowdedAttempt, this.#config.settings));
    else this.#retry("connection", welcomedAt ? "" : `${this.#config.settings.address}: ${message}${this.#hint}`);
  }

  #mayReturn(code: number): boolean {
    if (refusesToken(code)) return typeof this.#config.settings.token === "function";
    if (code === codeReplaced) return this.#config.replaced();
    if (code === codeTooLarge) return this.#welcomedAt > 0; // the hello won't get smaller
    return !ends[code];
  }

  #retry(reason: Waiting["reason"], message: string, ms?: number, code: string = reason): void {
    this.#wait(reason, ms ?? backoff(this.#attempts, this.#config.settings, reason === "token" ? tokenLeast : 0));
    this.#attempts++;
    if (!message || Date.now() < this.#quiet || this.#status !== "waiting") return;
    this.#quiet = Infinity;
    this.#config.failed(new PresenceError(code, message));
  }

  #wait(reason: Waiting["reason"], ms: number): void {
    this.#stop = after(ms, () => this.start());
    this.#setStatus("waiting", { reason, until: Date.now() + ms });
  }

  /** Lets go of the line, and returns it if it may still be open. */
  #drop(): Line | undefined {
    const line = this.#line;
    this.#turn++;
    this.#stop();
    line?.hush();
    this.#line = undefined;
    if (this.#welcomedAt) {
      if (Date.now() - this.#welcomedAt >= settledMs) this.#attempts = 0;
      this.#welcomedAt = 0;
      this.#config.lost();
    }
    return line;
  }

  #setStatus(status: Status, waiting?: Waiting): void {
    this.#waiting = waiting;
    if (this.#status === status) return;
    this.#status = status;
    this.#config.status(status);
  }
}
