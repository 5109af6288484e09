import { type Closed, PresenceError, type SocketLike, type Status } from "../types.js";
import { backoff } from "./backoff.js";
import { tokenError, type Tokens } from "./tokens.js";
import {
  type ClientMessage,
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
  type ServerMessage,
  subprotocol,
  type Welcome,
} from "./wire.js";

export interface ConnectionConfig {
  readonly address: string;
  readonly tokens: Tokens;
  readonly WebSocket: new (url: string, protocol: string) => SocketLike;
  hello(token: string): ClientMessage;
  welcomed(welcome: Welcome, token: string): void;
  received(message: ServerMessage): void;
  /** Comes once for each welcome. */
  lost(): void;
  status(status: Status): void;
  failed(error: PresenceError): void;
  /** The same device connected elsewhere. Says whether to go on, as another. */
  replaced(): boolean;
  /** The end; nothing comes after it. */
  ended(closed: Closed): void;
}

const attemptMs = 15_000; // to connect and be welcomed; the server itself waits up to 5 s for an owner
const settledMs = 10_000; // a connection that lasted so long was a good one: the next backoff begins anew
const retiredMs = 5_000; // how long a leaving node may take to hang up by itself
const crowdedAttempt = 4; // after 4008: anything up to 16 s

const ends: Record<number, Closed["reason"]> = {
  [codeGoodbye]: "signed_out",
  [codeUnauthorized]: "unauthorized",
  [codeTokenExpired]: "token_expired",
  [codeBadMessage]: "refused",
  [codeReplaced]: "replaced",
};

/** Keeps one socket open, as long as there is any point in it. */
export class Connection {
  readonly #config: ConnectionConfig;
  #status: Status = "waiting";
  #socket: SocketLike | undefined;
  #retired: SocketLike | undefined;
  #welcomedAt: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined; // of the attempt, the wait, or the leaving node: never two
  #retiring: ReturnType<typeof setTimeout> | undefined;
  #attempts = 0;
  #turn = 0; // which attempt; what belongs to an earlier one is ignored
  #token = "";
  #refusal: PresenceError | undefined; // of the hello
  #complained = false; // since the last welcome

  constructor(config: ConnectionConfig) {
    this.#config = config;
  }

  get status(): Status {
    return this.#status;
  }

  /** Connects now, unless it is connected or connecting. */
  start(): void {
    if (this.#status === "waiting") void this.#attempt();
  }

  send(text: string): void {
    if (this.#socket?.readyState === 1) this.#socket.send(text);
  }

  /** Gives the connection up, or the attempt, and begins anew at once. */
  restart(): void {
    if (this.#status === "closed") return;
    this.suspend();
    this.start();
  }

  /** Hangs up until start is called. The server lets the device linger. */
  suspend(): void {
    if (this.#status === "closed") return;
    this.#drop()?.close(1000);
    this.#setStatus("waiting");
  }

  end(closed: Closed): void {
    if (this.#status === "closed") return;
    this.#drop()?.close(1000);
    this.#retire(undefined);
    this.#setStatus("closed");
    this.#config.ended(closed);
  }

  async #attempt(): Promise<void> {
    const turn = ++this.#turn;
    clearTimeout(this.#timer);
    this.#refusal = undefined;
    this.#setStatus("connecting");
    try {
      this.#token = await this.#config.tokens.get();
    } catch (error) {
      if (turn === this.#turn) this.#retry(tokenError(error));
      return;
    }
    if (turn === this.#turn) this.#open();
  }

  #open(): void {
    let socket: SocketLike;
    try {
      socket = new this.#config.WebSocket(this.#config.address, subprotocol);
    } catch (error) {
      this.end({ reason: "refused", message: String(error) }); // an insecure socket on a secure page, as an example
      return;
    }
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#giveUp("no answer in time"), attemptMs);
    socket.onopen = () => socket.send(JSON.stringify(this.#config.hello(this.#token)));
    socket.onmessage = (event) => this.#take(decode(event.data));
    socket.onclose = (event) => this.#closed(event.code, event.reason);
    socket.onerror = () => {}; // onclose follows; without a listener some implementations throw
  }

  #take(message: ServerMessage | undefined): void {
    if (message?.type === "welcome") this.#welcome(message);
    else if (message?.type === "reconnect") this.#leave(message.after_ms);
    else if (message?.type === "error" && this.#welcomedAt === undefined) this.#refused(new PresenceError(message.code, message.message), mayRepeat(message));
    else if (message) this.#config.received(message);
  }

  #welcome(welcome: Welcome): void {
    clearTimeout(this.#timer);
    this.#welcomedAt = Date.now();
    this.#complained = false;
    this.#config.welcomed(welcome, this.#token);
    this.#setStatus("open");
  }

  /** The hello was refused. For what is wrong with the token the server closes, and the code says more. */
  #refused(error: PresenceError, again: boolean): void {
    this.#refusal = error;
    if (error.code === "unauthorized") return;
    if (again || error.code === "too_many_devices") this.#giveUp(error.message, error.code);
    else this.end({ reason: "refused", message: error.message });
  }

  /** This node leaves. It hangs up by itself, which keeps the device; hanging up first would start its linger. */
  #leave(afterMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#retire(this.#drop());
      void this.#attempt();
    }, afterMs);
  }

  #retire(socket: SocketLike | undefined): void {
    clearTimeout(this.#retiring);
    this.#retired?.close(1000);
    this.#retired = socket;
    if (socket) this.#retiring = setTimeout(() => this.#retire(undefined), retiredMs);
  }

  #closed(code: number, reason: string): void {
    const message = this.#refusal?.message ?? (reason || `closed with code ${code}`);
    const welcomed = this.#welcomedAt !== undefined;
    const returns = this.#mayReturn(code);
    this.#drop();
    if (!returns) this.end({ reason: ends[code] ?? "refused", code, message });
    else if (ends[code] || (code === codeLeaving && welcomed)) this.#retry(undefined, true);
    else this.#retry(welcomed ? undefined : new PresenceError("connection", message));
  }

  #mayReturn(code: number): boolean {
    if (code === codeRateLimited) this.#attempts = Math.max(this.#attempts, crowdedAttempt);
    if (code === codeTokenExpired) return this.#config.tokens.expired();
    if (code === codeReplaced) return this.#config.replaced();
    if (code === codeTooLarge) return this.#welcomedAt !== undefined; // the hello won't get smaller
    return ends[code] === undefined;
  }

  #giveUp(message: string, code = "connection"): void {
    this.#drop()?.close(1000);
    this.#retry(new PresenceError(code, message));
  }

  /** Waits and tries again; soon: at once, if the connection had been good. */
  #retry(error: PresenceError | undefined, soon = false): void {
    this.#setStatus("waiting");
    if (error && !this.#complained) this.#config.failed(error);
    this.#complained ||= error !== undefined;
    if (this.#status !== "waiting") return; // a listener closed it
    const wait = soon && this.#attempts === 0 ? 0 : backoff(this.#attempts);
    this.#attempts++;
    this.#timer = setTimeout(() => this.start(), wait);
  }

  /** Lets go of the socket, and returns it if it may still be open. */
  #drop(): SocketLike | undefined {
    this.#turn++;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
    if (this.#welcomedAt !== undefined) {
      if (Date.now() - this.#welcomedAt >= settledMs) this.#attempts = 0;
      this.#welcomedAt = undefined;
      this.#config.lost();
    }
    return socket;
  }

  #setStatus(status: Status): void {
    if (this.#status === status) return;
    this.#status = status;
    this.#config.status(status);
  }
}
