import type { Presence } from "../presence.js";
import type { State } from "../types.js";

export type States = Readonly<Record<string, State>>;

/** The states of a list, for a component that renders once for all that changes in one turn of the event loop. */
export class Others {
  readonly #presence: Presence;
  readonly #ids: readonly string[];
  #states: States | undefined;
  /** Before anything is known, and on the server. */
  readonly unknown: States;

  constructor(presence: Presence, ids: readonly string[]) {
    this.#presence = presence;
    this.#ids = ids;
    this.unknown = Object.fromEntries(ids.map((id) => [id, "unknown"]));
  }

  /** The same object until something changes. */
  get states(): States {
    return (this.#states ??= Object.fromEntries(this.#ids.map((id) => [id, this.#presence.getPresence(id) ?? "unknown"])));
  }

  subscribe = (changed: () => void): (() => void) => {
    let due = false;
    return this.#presence.subscribe(this.#ids, () => {
      if (due) return;
      due = true;
      queueMicrotask(() => {
        due = false;
        this.#states = undefined;
        changed();
      });
    });
  };
}

/** Gives what was given last, if it is equal: the same value, or a list or record of the same values. */
export function steady<T>(): (states: States, select: (states: States) => T) => T {
  let last: { states: States; select: unknown; value: T } | undefined;
  return (states, select) => {
    if (last?.states === states && last.select === select) return last.value;
    const value = select(states);
    last = { states, select, value: last && alike(last.value, value) ? last.value : value };
    return last.value;
  };
}

function alike(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b || Array.isArray(a) !== Array.isArray(b)) return false;
  const [before, now] = [Object.entries(a), Object.entries(b)];
  return before.length === now.length && before.every(([key, value], i) => key === now[i]![0] && Object.is(value, now[i]![1]));
}
