import { PresenceError, type State, type Watcher } from "../types.js";
import { call } from "./emitter.js";
import { faultOf } from "./ids.js";
import type { Outgoing, Source } from "./outbox.js";
import { maxMessageIds, maxWatchedIds, mayRepeat, type ServerMessage } from "./wire.js";

interface Topic {
  state: State | undefined;
  /** Subscribed on this connection. */
  told: boolean;
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
  readonly #topics = new Map<string, Topic>(); // those that are watched, and those that are told and must be untold
  readonly #events: InterestEvents;
  #watched = 0;
  #due = false; // perhaps some are not told, or told and not wanted any more
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
    this.#touch();
    if (faults[0]) this.#events.failed(new PresenceError(faults[0].code, `${faults.length} not watched: ${faults[0].message}`));
    for (const id of taken) this.#callWithKnown(id, entry);
    return () => {
      for (const id of taken.splice(0)) this.#part(id, entry);
    };
  }

  /** Takes what the server says. Who is known doesn't become `unknown`: that passes, and would only flicker. */
  apply(states: Record<string, State>): void {
    for (const [id, state] of Object.entries(states)) if (state !== "unknown" || !this.state(id)) this.#set(id, state);
  }

  /** Nothing is certain any more: the connection has been lost for too long. */
  forget(): void {
    for (const [id, { state }] of this.#topics) if (state) this.#set(id, "unknown");
  }

  next(): Outgoing | undefined {
    if (!this.#due) return undefined;
    const out = this.#tell(false) ?? this.#tell(true); // room for what is new comes first
    this.#due = !!out;
    return out;
  }

  reset(): void {
    for (const topic of this.#topics.values()) topic.told = false;
    this.#due = true;
  }

  #join(id: string, entry: { watcher: Watcher }, faults: PresenceError[]): boolean {
    const topic = this.#topics.get(id) ?? newTopic();
    if (!topic.watchers.size) {
      const fault = faultOf(id) ?? (this.#watched < maxWatchedIds ? undefined : new PresenceError("too_many_ids", `${maxWatchedIds} ids are watched already`));
      if (fault) return !faults.push(fault);
      this.#watched++;
      this.#topics.set(id, topic);
    }
    topic.watchers.add(entry);
    return true;
  }

  #part(id: string, entry: { watcher: Watcher }): void {
    const { watchers } = this.#topics.get(id)!;
    watchers.delete(entry);
    if (watchers.size) return;
    this.#watched--;
    this.#touch();
  }

  #touch(): void {
    this.#due = true;
    if (!this.#scheduled) {
      queueMicrotask(() => {
        this.#scheduled = false;
        this.#events.pump();
      });
    }
    this.#scheduled = true;
  }

  #set(id: string, state: State): void {
    const topic = this.#topics.get(id);
    if (!topic?.watchers.size || topic.state === state) return;
    topic.state = state;
    for (const entry of [...topic.watchers]) this.#callWithKnown(id, entry);
    this.#events.changed(id, state);
  }

  #callWithKnown(id: string, entry: { watcher: Watcher }): void {
    const topic = this.#topics.get(id);
    if (topic?.state && topic.watchers.has(entry)) call(entry.watcher, id, topic.state);
  }

  #tell(subscribing: boolean): Outgoing | undefined {
    const ids: string[] = [];
    for (const [id, topic] of this.#topics) {
      const watched = topic.watchers.size > 0;
      if (ids.length === maxMessageIds) break;
      if (watched === subscribing && topic.told !== subscribing) {
        ids.push(id);
        topic.told = subscribing;
      }
      if (!watched && !topic.told) this.#topics.delete(id);
    }
    const type = subscribing ? "subscribe" : "unsubscribe";
    return ids[0] ? { message: { type, ids }, answer: (reply) => this.#answered(ids, subscribing, reply) } : undefined;
  }

  #answered(ids: string[], subscribing: boolean, reply: ServerMessage): void {
    if (reply.type !== "error") return;
    if (!mayRepeat(reply)) return this.#events.failed(new PresenceError(reply.code, reply.message));
    this.#due = true;
    for (const id of ids) {
      const topic = this.#topics.get(id) ?? newTopic();
      topic.told = !subscribing;
      this.#topics.set(id, topic);
    }
  }
}

function newTopic(): Topic {
  return { state: undefined, told: false, watchers: new Set() };
}
