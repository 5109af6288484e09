import { deferred, type Deferred } from "./lib/deferred.js";
import { faultOf, idSet } from "./lib/ids.js";
import type { Outgoing, Source } from "./lib/outbox.js";
import { maxMessageIds, mayRepeat, type ServerMessage } from "./lib/wire.js";
import type { Presence } from "./presence.js";
import { PresenceError, type State } from "./types.js";

interface Query extends Deferred<Record<string, State>> {
  readonly ids: string[];
  sent: boolean;
  timer: ReturnType<typeof setTimeout>;
}

const maxWaiting = 100;
const defaultTimeoutMs = 15_000;
const queries = new WeakMap<Presence, Queries>();

/** Asks once, without watching. Rejects with `timeout` when no answer comes in time, 15 s unless told otherwise. */
export function query(presence: Presence, ids: Iterable<string> | string, options: { timeoutMs?: number } = {}): Promise<Record<string, State>> {
  const asked = queries.get(presence) ?? new Queries(presence);
  queries.set(presence, asked);
  return asked.ask(idSet(ids), options.timeoutMs ?? defaultTimeoutMs);
}

/** Questions without watching. One that a lost connection left open is asked again on the next, until its time is over. */
class Queries implements Source {
  readonly #waiting = new Set<Query>();
  readonly #presence: Presence;
  readonly #pump: () => void;

  constructor(presence: Presence) {
    this.#presence = presence;
    this.#pump = presence.extend(this).pump;
    presence.on("closed", ({ message }) => this.#fail(message));
  }

  ask(ids: Set<string>, timeoutMs: number): Promise<Record<string, State>> {
    const all = deferred<Record<string, State>>();
    const fault = this.#faultOf(ids);
    if (fault) {
      all.reject(fault);
    } else {
      const list = [...ids];
      const parts: Promise<Record<string, State>>[] = [];
      for (let i = 0; i < list.length; i += maxMessageIds) parts.push(this.#enter(list.slice(i, i + maxMessageIds), timeoutMs));
      Promise.all(parts).then((states) => all.resolve(merge(states)), all.reject);
    }
    if (this.#presence.status === "closed") this.#fail("closed");
    else this.#pump();
    return all.promise;
  }

  next(): Outgoing | undefined {
    for (const query of this.#waiting) {
      if (query.sent) continue;
      query.sent = true;
      return { message: { type: "query", ids: query.ids }, answer: (reply) => this.#answered(query, reply) };
    }
    return undefined;
  }

  reset(): void {
    for (const query of this.#waiting) query.sent = false;
  }

  #fail(message: string): void {
    for (const query of [...this.#waiting]) this.#leave(query).reject(new PresenceError("closed", message));
  }

  #faultOf(ids: Set<string>): PresenceError | undefined {
    for (const id of ids) {
      const fault = faultOf(id);
      if (fault) return fault;
    }
    if (this.#waiting.size + ids.size / maxMessageIds <= maxWaiting) return undefined;
    return new PresenceError("rate_limited", `${this.#waiting.size} queries wait already`);
  }

  #enter(ids: string[], timeoutMs: number): Promise<Record<string, State>> {
    const late = new PresenceError("timeout", `no answer within ${timeoutMs} ms`);
    const timer = setTimeout(() => this.#leave(query).reject(late), timeoutMs);
    const query: Query = { ...deferred<Record<string, State>>(), ids, sent: false, timer };
    this.#waiting.add(query);
    return query.promise;
  }

  #leave(query: Query): Query {
    clearTimeout(query.timer);
    this.#waiting.delete(query);
    return query;
  }

  #answered(query: Query, reply: ServerMessage): void {
    if (!this.#waiting.has(query)) return;
    if (reply.type === "result") this.#leave(query).resolve(reply.states);
    else if (reply.type === "error" && mayRepeat(reply)) query.sent = false;
    else if (reply.type === "error") this.#leave(query).reject(new PresenceError(reply.code, reply.message));
  }
}

/** An id may be called `__proto__`, which assigning would lose. */
function merge(parts: Record<string, State>[]): Record<string, State> {
  return Object.fromEntries(parts.flatMap((states) => Object.entries(states)));
}
