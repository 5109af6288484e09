import { ActivityWatch } from "./lib/activity.js";
import { Connection } from "./lib/connection.js";
import { newDevice, returnDevice, takeDevice } from "./lib/device.js";
import { Emitter } from "./lib/emitter.js";
import { idSet } from "./lib/ids.js";
import { Interest } from "./lib/interest.js";
import { watchPage } from "./lib/lifecycle.js";
import { settle, type Settings } from "./lib/options.js";
import { Outbox, type Source } from "./lib/outbox.js";
import { Pulse } from "./lib/pulse.js";
import { after } from "./lib/timer.js";
import { mayRepeat } from "./lib/wire.js";
import { Wish } from "./lib/wish.js";
import { type Activity, type Closed, type ConnectOptions, type Events, type Override, PresenceError, type Self, type State, type Status, type Waiting, type Watcher } from "./types.js";

const betweenReplacedMs = 60_000;
const goodbyeMs = 3_000; // how long signOut waits for the server to hang up

/** Connects, and stays connected until `close`, `signOut`, or the server says not to come back. Throws only for options that make no sense. */
export function connect(options: ConnectOptions): Presence {
  return new Presence(options);
}

/**
 *         Wish  Pulse  Interest  extensions         what the server should know, and what it was told
 *           └─────┴────────┴─────────┘
 *                     Outbox                        as fast as the rate allows
 *     page events ──▶ Connection ◀── tokens         one socket, again and again
 */
export class Presence {
  readonly #settings: Settings;
  readonly #events = new Emitter<Events>();
  readonly #activity: ActivityWatch | undefined;
  readonly #connection: Connection;
  readonly #interest: Interest;
  readonly #override = new Wish();
  readonly #pulse: Pulse;
  readonly #outbox = new Outbox();
  readonly #stopPage: () => void;
  #participantId: string | undefined;
  #deviceId: string | null;
  #replacedUntil = 0; // until when another tab that has our device has it for good
  #self: Self | undefined;
  #features: readonly string[] = [];
  #helloActivity: Activity | undefined;
  #stopStale = (): void => {};
  #leaving = false;

  constructor(options: ConnectOptions) {
    const settings = (this.#settings = settle(options));
    const { pump } = this.#outbox;
    const failed = this.#failed;
    this.#deviceId = settings.deviceId === undefined ? takeDevice() : settings.deviceId;
    this.#interest = new Interest({ pump, failed, changed: (id, state) => this.#events.emit("presence", { id, state }) });
    this.#pulse = new Pulse({ pump, activity: () => this.#activity?.activity, silent: () => this.#connection.restart() });
    for (const source of [this.#override, this.#pulse, this.#interest]) this.#outbox.add(source);
    this.#connection = this.#connect();
    const { activityTarget: target, idleAfterMs } = settings;
    if (this.#deviceId !== null) this.#activity = new ActivityWatch({ target, idleAfterMs: target ? idleAfterMs : Infinity, changed: pump });
    this.#stopPage = this.#watchPage();
    if (typeof settings.token === "function") settings.token.attach?.(this);
    this.#connection.pause(settings.paused);
  }

  /** Who the token says we are; undefined until the first welcome. */
  get participantId(): string | undefined {
    return this.#participantId;
  }

  /** This device's name; null: a watcher. */
  get deviceId(): string | null {
    return this.#deviceId;
  }

  /** What the server can do, in words such as `visibility`. Each welcome may tell others. */
  get features(): readonly string[] {
    return this.#features;
  }

  get status(): Status {
    return this.#connection.status;
  }

  /** Why it waits, and until when; undefined unless `status` is `waiting`. */
  get waiting(): Waiting | undefined {
    return this.#connection.waiting;
  }

  /** One's own state, as oneself sees it; undefined until the first welcome, and after the end. */
  get self(): Self | undefined {
    return this.#self;
  }

  /** Watches ids until the function it returns is called. The watcher is called with what is known before this returns, then with each change. */
  subscribe(ids: Iterable<string> | string, watcher: Watcher): () => void {
    return this.status === "closed" ? () => {} : this.#interest.add(idSet(ids), watcher);
  }

  /** The latest known state of an id that is watched. */
  getPresence(id: string): State | undefined {
    return this.#interest.state(id);
  }

  setBusy(): Promise<void> {
    return this.#pick("busy");
  }

  appearOffline(): Promise<void> {
    return this.#pick("appear_offline");
  }

  autoDetect(): Promise<void> {
    return this.#pick("auto");
  }

  /** The person is there, as something tells that isn't an event of `activityTarget`: a video that plays, another frame. */
  noteActivity(): void {
    this.#activity?.note();
  }

  /** The person has left: idle at once, until the next sign of life. */
  noteAway(): void {
    this.#activity?.leave();
  }

  /** Signs this device out, which others see at once, and hangs up until `resume`. Nothing else connects meanwhile. */
  pause(): void {
    this.#goodbye();
    this.#connection.pause(true);
  }

  /** Connects at once: after `pause`, or instead of waiting for the next attempt. */
  resume(): void {
    this.#connection.pause(false);
  }

  /** Listens until the function it returns is called. */
  on<K extends keyof Events>(type: K, listener: (event: Events[K]) => void): () => void {
    return this.#events.on(type, listener);
  }

  /** Signs this device out, which others see at once, and closes. Never rejects. */
  async signOut(): Promise<void> {
    if (this.status !== "open") return this.#end("signed_out");
    this.#leaving = true;
    this.#goodbye();
    const stop = after(goodbyeMs, () => this.#end("signed_out"));
    await new Promise<unknown>((resolve) => this.#events.on("closed", resolve));
    stop();
  }

  /** Leaves nothing behind here. The server lets the device linger for some seconds, so that a reload makes no event. */
  close(): void {
    this.#end("closed");
  }

  /** For the other entries of this package: gives the connection something more to say. `pump` is called when there is something. */
  extend(source?: Source): { pump: () => void; failed: (error: PresenceError) => void; settings: Settings; override: Wish } {
    if (source) this.#outbox.add(source);
    return { pump: this.#outbox.pump, failed: this.#failed, settings: this.#settings, override: this.#override };
  }

  #goodbye(): void {
    this.#connection.send({ type: "goodbye" });
  }

  #end(reason: Closed["reason"]): void {
    this.#connection.end({ reason, message: reason });
  }

  #pick(override: Override): Promise<void> {
    const done = this.#override.set(() => ({ type: "override", override }));
    if (this.status === "closed") this.#override.end(new PresenceError("closed", "closed"));
    else this.#outbox.pump();
    return done;
  }

  #connect(): Connection {
    return new Connection({
      settings: this.#settings,
      failed: this.#failed,
      hello: (token) => {
        const activity = (this.#helloActivity = this.#activity?.activity);
        return { type: "hello", token, device_id: this.#deviceId ?? undefined, activity }; // of a watcher neither is sent
      },
      welcomed: (welcome) => {
        this.#stopStale();
        this.#participantId = welcome.participant_id;
        this.#features = welcome.features ?? [];
        this.#activity?.share(welcome.participant_id);
        this.#pulse.begin(welcome, this.#helloActivity);
        this.#outbox.open((message) => this.#connection.send(message));
      },
      received: (message) => {
        this.#pulse.heard();
        if (message.type === "presence") this.#interest.apply(message.states);
        if (message.type === "self") this.#setSelf(message);
        if (message.type === "error" && !message.req && message.code !== "unauthorized" && !mayRepeat(message)) {
          this.#failed(new PresenceError(message.code, message.message));
        }
        this.#events.emit("message", message);
        this.#outbox.answer(message);
      },
      lost: () => {
        this.#outbox.close();
        this.#stopStale = after(this.#settings.staleAfterMs, () => this.#interest.forget());
      },
      // A made-up id that another tab has too is exchanged for a new one, once in a while. A given one is the other's now.
      replaced: () => {
        if (this.#settings.deviceId !== undefined || Date.now() < this.#replacedUntil) return false;
        this.#replacedUntil = Date.now() + betweenReplacedMs;
        this.#deviceId = newDevice();
        return true;
      },
      // A connection that breaks after goodbye is not to come back.
      status: (status) => {
        if (this.#leaving && status === "waiting") this.#end("signed_out");
        else this.#events.emit("status", status);
      },
      ended: (closed) => {
        this.#stopPage();
        this.#activity?.stop();
        this.#stopStale();
        this.#giveDeviceBack();
        this.#override.end(new PresenceError("closed", closed.message));
        this.#self = undefined;
        if (closed.reason !== "closed") this.#interest.forget(); // who called close expects no more calls
        this.#events.emit("closed", closed);
        this.#events.clear();
      },
    });
  }

  #setSelf({ state, override }: Self): void {
    if (this.#self?.state === state && this.#self.override === override) return;
    this.#self = { state, override };
    this.#events.emit("self", this.#self);
  }

  #failed = (error: PresenceError): void => {
    if (!this.#events.emit("error", error)) console.warn(`presence: ${error.code}: ${error.message}`);
  };

  #watchPage(): () => void {
    return watchPage({
      wake: () => this.#doubt() || this.#connection.restart(),
      shown: this.#shown,
      doubt: this.#doubt,
      freeze: () => this.#activity?.freeze(true),
      thaw: () => {
        this.#connection.restart(); // it brings a fresh snapshot of everything
        this.#activity?.freeze(false);
      },
      hide: () => {
        this.#giveDeviceBack();
        this.#activity?.unshare(); // an open channel keeps a page out of the back-forward cache; so does a socket
        this.#connection.suspend();
      },
      restore: () => {
        if (this.#settings.deviceId === undefined) this.#deviceId = takeDevice();
        this.#activity?.freeze(false);
        this.#shown();
      },
    });
  }

  #shown = (): void => {
    this.#activity?.note();
    this.#doubt();
    this.#connection.start();
  };

  /** Reports whether there is an open connection to doubt. */
  #doubt = (): boolean => {
    const open = this.status === "open";
    if (open) this.#pulse.doubt();
    return open;
  };

  #giveDeviceBack(): void {
    if (this.#settings.deviceId === undefined && this.#deviceId !== null) returnDevice(this.#deviceId);
  }
}
