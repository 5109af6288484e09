import { PresenceError, type State, type Watcher } from "../types.js";
import { call } from "./emitter.js";
import { faultOf } from "./ids.js";
import type { Outgoing, Source } from "./outbox.js";
import { maxMessageIds, maxWatchedIds, mayRepeat, type ServerMessage } from "./wire.js";

interface Topic {
  state: State | undefined;
  readonly watchers: Set<{ watcher: Watcher }>;
}

/** What Interest tells. */
export interface InterestEvents {
  changed(id: string, state: State): void;
  failed(error: PresenceError): void;
  /** There is something to send. */
  pump(): void;
}

/**
 * Who watches what, and the latest known states. An id is subscribed once however many watch it; what changes within one turn of
 * the event loop goes out together, and what comes and goes within one doesn't go out at all.
 */
export class Interest implements Source {
  readonly #topics = new Map<string, Topic>();
  readonly #told = new Set<string>(); // subscribed on this connection
  readonly #dirty = new Set<string>(); // perhaps not told, or told and not wanted any more
  readonly #events: InterestEvents;
  #scheduled = false;

  constructor(events: InterestEvents) {
    this.#events = events;
  }

  state(id: string): State | undefined {
    return this.#topics.get(id)?.state;
  }

  add(ids: Set<string>, watcher: Watcher): () => void {
    const entry = { watcher };
    const faults: PresenceError[] = [];
    const taken = [...ids].filter((id) => this.#join(id, entry, faults));
    if (faults[0]) this.#events.failed(new PresenceError(faults[0].code, `${faults.length} not watched: ${faults[0].message}`));
    for (const id of taken) this.#callWithKnown(id, entry);
    return () => {
      for (const id of taken.splice(0)) this.#part(id, entry);
    };
  }

  /** Takes what the server says. Who is known doesn't become `unknown`: that passes, and would only flicker. */
  apply(states: Record<string, State>): void {
    for (const [id, state] of Object.entries(states)) {
      const known = this.state(id);
      if (state !== "unknown" || known === undefined) this.#set(id, state);
    }
  }

  /** Nothing is certain any more: the connection has been lost for too long. */
  forget(): void {
    for (const [id, { state }] of this.#topics) if (state) this.#set(id, "unknown");
  }

  next(): Outgoing | undefined {
    return this.#tell(false) ?? this.#tell(true); // room for what is new comes first
  }

  reset(): void {
    this.#told.clear();
    this.#dirty.clear();
    for (const id of this.#topics.keys()) this.#dirty.add(id);
  }

  #join(id: string, entry: { watcher: Watcher }, faults: PresenceError[]): boolean {
    const topic = this.#topics.get(id);
    const fault = topic ? undefined : this.#faultOf(id);
    if (fault) faults.push(fault);
    else (topic ?? this.#begin(id)).watchers.add(entry);
    return !fault;
  }

  #faultOf(id: string): PresenceError | undefined {
    if (this.#topics.size >= maxWatchedIds) this.#sweep();
    return faultOf(id) ?? (this.#topics.size >= maxWatchedIds ? tooMany(id) : undefined);
  }

  #begin(id: string): Topic {
    const topic = { state: undefined, watchers: new Set<{ watcher: Watcher }>() };
    this.#topics.set(id, topic);
    this.#touch(id);
    return topic;
  }

  #part(id: string, entry: { watcher: Watcher }): void {
    const topic = this.#topics.get(id);
    topic?.watchers.delete(entry);
    if (topic?.watchers.size === 0) this.#touch(id);
  }

  #touch(id: string): void {
    this.#dirty.add(id);
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#sweep();
      this.#events.pump();
    });
  }

  /** Ends the topics that nobody watches any more. */
  #sweep(): void {
    for (const id of this.#dirty) {
      if (this.#topics.get(id)?.watchers.size === 0) this.#topics.delete(id);
      if (this.#topics.has(id) === this.#told.has(id)) this.#dirty.delete(id);
    }
  }

  #set(id: string, state: State): void {
    const topic = this.#topics.get(id);
    if (!topic || topic.state === state) return;
    topic.state = state;
    for (const entry of [...topic.watchers]) this.#callWithKnown(id, entry);
    this.#events.changed(id, state);
  }

  #callWithKnown(id: string, entry: { watcher: Watcher }): void {
    const topic = this.#topics.get(id);
    if (topic?.state && topic.watchers.has(entry)) call(entry.watcher, id, topic.state);
  }

  #tell(subscribing: boolean): Outgoing | undefined {
    const ids = [...this.#dirty]
      .filter((id) => this.#topics.has(id) === subscribing && this.#told.has(id) !== subscribing)
      .slice(0, maxMessageIds);
    for (const id of ids) {
      this.#dirty.delete(id);
      this.#told[subscribing ? "add" : "delete"](id);
    }
    const type = subscribing ? "subscribe" : "unsubscribe";
    return ids.length > 0 ? { message: { type, ids }, answer: (reply) => this.#refused(ids, subscribing, reply) } : undefined;
  }

  #refused(ids: string[], subscribing: boolean, reply: ServerMessage): void {
    if (reply.type !== "error") return;
    if (!mayRepeat(reply)) {
      this.#events.failed(new PresenceError(reply.code, reply.message));
      return;
    }
    for (const id of ids) {
      this.#told[subscribing ? "delete" : "add"](id);
      this.#dirty.add(id);
    }
  }
}

function tooMany(id: string): PresenceError {
  return new PresenceError("too_many_ids", `"${id}": ${maxWatchedIds} ids are watched already`);
}
