import type { Presence } from "../presence.js";
import { PresenceError, type State } from "../types.js";
import { call, Emitter } from "./emitter.js";
import { faultOf, idSet } from "./ids.js";
import type { Outgoing, Source } from "./outbox.js";
import { maxMessageIds, mayRepeat, type SelfWire, type ServerMessage, type StatusWire } from "./wire.js";

/** What a participant says of itself. At least one of text and emoji isn't empty. */
export interface ParticipantStatus {
  readonly text: string;
  readonly emoji: string;
  /** When it ends, in milliseconds since 1970; Infinity: it stays. */
  readonly until: number;
}

/** What the server says of oneself beside state and override. */
export interface Own {
  readonly status: ParticipantStatus | undefined;
  /** When what was picked ends and "auto-detect" begins, in milliseconds since 1970; Infinity: not by time. */
  readonly overrideUntil: number;
  /** Why one is busy without having picked it: the sources of claims, such as `calendar`. */
  readonly busy: readonly string[];
}

const nothing: Own = { status: undefined, overrideUntil: Infinity, busy: [] };

/** Called with each status of a watched id that differs from the one before; undefined: there is none. */
export type StatusWatcher = (id: string, status: ParticipantStatus | undefined) => void;

interface Topic {
  status: ParticipantStatus | undefined;
  /** Subscribed on this connection, with statuses. */
  told: boolean;
  /** The server couldn't tell state nor status, so the status is as it was before. Once it tells the state, what it doesn't tell is none. */
  kept: boolean;
  readonly watchers: Set<{ watcher: StatusWatcher }>;
  /** Ends the interest in the state, without which there is none in the status. */
  readonly stop: () => void;
}

/** The word of the server's features without which it is asked nothing of this. */
export const feature = "status";

/**
 * The statuses of those who are watched. The states of the same ids are the connection's own to watch: its subscription keeps
 * the ids, and what is sent from here only adds the statuses to it. So it is sent after it, and nothing is ever unsubscribed here.
 */
export class Statuses implements Source {
  readonly #topics = new Map<string, Topic>();
  readonly #presence: Presence;
  readonly #extension: ReturnType<Presence["extend"]>;
  readonly #events = new Emitter<{ own: Own }>();
  #own = nothing;
  #scheduled = false;

  constructor(presence: Presence) {
    this.#presence = presence;
    this.#extension = presence.extend(this);
    presence.on("message", (message) => this.#take(message));
    presence.on("closed", () => this.#end());
  }

  /** What is known of oneself. */
  get own(): Own {
    return this.#own;
  }

  /** Calls a listener whenever `own` is another, until the function it returns is called. */
  watchOwn(listener: (own: Own) => void): () => void {
    return this.#events.on("own", listener);
  }

  /** The latest known status of an id that is watched; undefined: there is none, or it isn't known. */
  get(id: string): ParticipantStatus | undefined {
    return this.#topics.get(id)?.status;
  }

  /** Watches ids until the function it returns is called. The watcher is called with what is known before this returns, then with each change. */
  subscribe(ids: Iterable<string> | string, watcher: StatusWatcher): () => void {
    if (this.#presence.status === "closed") return () => {};
    const entry = { watcher };
    const taken = [...idSet(ids)];
    for (const id of taken) this.#join(id, entry);
    this.#touch();
    return () => {
      for (const id of taken.splice(0)) this.#part(id, entry);
    };
  }

  next(): Outgoing | undefined {
    if (!this.#presence.features.includes(feature)) return undefined;
    const ids: string[] = [];
    for (const [id, topic] of this.#topics) {
      if (topic.told || faultOf(id)) continue; // the connection has said what is wrong with it
      topic.told = true;
      if (ids.push(id) === maxMessageIds) break;
    }
    return ids[0] === undefined ? undefined : { message: { type: "subscribe", ids, with: ["status"] }, answer: (reply) => this.#answered(ids, reply) };
  }

  reset(): void {
    for (const topic of this.#topics.values()) topic.told = topic.kept = false;
  }

  #join(id: string, entry: { watcher: StatusWatcher }): void {
    let topic = this.#topics.get(id);
    if (!topic) {
      const stop = this.#presence.subscribe(id, (_, state) => this.#follow(id, state));
      this.#topics.set(id, (topic = { status: undefined, told: false, kept: false, watchers: new Set(), stop }));
    }
    topic.watchers.add(entry);
    if (topic.status) call(entry.watcher, id, topic.status);
  }

  #part(id: string, entry: { watcher: StatusWatcher }): void {
    const topic = this.#topics.get(id);
    if (!topic?.watchers.delete(entry) || topic.watchers.size) return;
    this.#topics.delete(id);
    topic.stop();
  }

  /** What changes within one turn of the event loop goes out together. */
  #touch(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#extension.pump();
    });
  }

  /** Of whom nothing is certain any more, the status isn't either. */
  #follow(id: string, state: State): void {
    if (state === "unknown") this.#set(id, undefined);
  }

  #take(message: ServerMessage): void {
    if (message.type === "presence") this.#hear(message.states, new Map(Object.entries(message.statuses ?? {})));
    if (message.type === "self") this.#setOwn(message);
  }

  #hear(states: Record<string, State>, said: Map<string, StatusWire | null>): void {
    for (const [id, state] of Object.entries(states)) if (state !== "unknown" && !said.has(id) && this.#topics.get(id)?.kept) said.set(id, null);
    for (const [id, status] of said) this.#set(id, read(status));
  }

  #setOwn({ status, override_expires_at, busy = [] }: SelfWire): void {
    const own = { status: read(status), overrideUntil: timeOf(override_expires_at), busy };
    if (JSON.stringify(own) === JSON.stringify(this.#own)) return;
    this.#own = own;
    this.#events.emit("own", own);
  }

  /** A snapshot has those alone who have one. */
  #answered(ids: string[], reply: ServerMessage): void {
    if (reply.type === "presence") {
      const those = new Map(Object.entries(reply.statuses ?? {}));
      for (const id of ids) if (those.has(id) || !this.#keep(id, reply.states[id])) this.#set(id, read(those.get(id)));
    } else if (reply.type === "error") {
      if (!mayRepeat(reply)) return this.#extension.failed(new PresenceError(reply.code, reply.message));
      for (const id of ids) this.#untell(id);
    }
  }

  /** Reports whether the status stays because the server can't tell it for the moment: that passes, and would only flicker. */
  #keep(id: string, state: State | undefined): boolean {
    const topic = this.#topics.get(id);
    return !!topic?.status && (topic.kept = state === "unknown");
  }

  #untell(id: string): void {
    const topic = this.#topics.get(id);
    if (topic) topic.told = false;
  }

  #set(id: string, status: ParticipantStatus | undefined): void {
    const topic = this.#topics.get(id);
    if (!topic) return;
    topic.kept = false;
    if (alike(topic.status, status)) return;
    topic.status = status;
    for (const { watcher } of [...topic.watchers]) call(watcher, id, status);
  }

  #end(): void {
    this.#own = nothing;
    for (const { stop } of this.#topics.values()) stop();
    this.#topics.clear();
  }
}

function read(status: StatusWire | null | undefined): ParticipantStatus | undefined {
  if (!status) return undefined;
  const { text, emoji, expires_at } = status;
  return { text: text ?? "", emoji: emoji ?? "", until: timeOf(expires_at) };
}

function timeOf(end: string | null | undefined): number {
  return end ? Date.parse(end) : Infinity;
}

function alike(a: ParticipantStatus | undefined, b: ParticipantStatus | undefined): boolean {
  return a === b || (!!a && !!b && a.text === b.text && a.emoji === b.emoji && a.until === b.until);
}
