import { vi } from "vitest";
import { connect, type ConnectOptions, type SocketLike, type State } from "../src/index.js";

/** A socket whose other end is the test. */
export class FakeSocket implements SocketLike {
  static all: FakeSocket[] = [];
  readyState = 0;
  onopen: ((event: any) => void) | null = null;
  onmessage: ((event: any) => void) | null = null;
  onclose: ((event: any) => void) | null = null;
  onerror: ((event: any) => void) | null = null;
  readonly sent: any[] = [];

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }

  static get last(): FakeSocket {
    return FakeSocket.all.at(-1)!;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.readyState = 3;
  }

  /** What was sent of a type. */
  of(type: string): any[] {
    return this.sent.filter((message) => message.type === type);
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.({});
  }

  welcome(participant = "ada", features?: string[]): void {
    this.open();
    this.say({ type: "welcome", participant_id: participant, heartbeat_interval_ms: 30_000, node: "n1", features });
  }

  /** Answers the latest subscribe. */
  snapshot(states: Record<string, State>): void {
    this.say({ type: "presence", states, req: this.of("subscribe").at(-1)?.req });
  }

  /** A refused handshake, as some tell it. */
  fail(): void {
    this.onerror?.({ type: "error" });
  }

  hangUp(code = 1006, reason = ""): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
}

/** A server that answers heartbeats. */
export class Answering extends FakeSocket {
  override send(text: string): void {
    super.send(text);
    const { type, req } = this.sent.at(-1);
    if (type === "heartbeat") queueMicrotask(() => this.say({ type: "ok", req }));
  }
}

/** Lets promises and microtasks run. */
export async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

export async function begin(options: Partial<ConnectOptions> = {}) {
  FakeSocket.all = [];
  const presence = connect({ url: "http://server.test", token: "ada", deviceId: "laptop", WebSocket: FakeSocket, ...options });
  await settle();
  return presence;
}

export async function beginOpen(options: Partial<ConnectOptions> = {}) {
  const presence = await begin(options);
  FakeSocket.last.welcome();
  await settle();
  return { presence, socket: FakeSocket.last };
}
