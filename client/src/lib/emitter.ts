/** Calls somebody's function; what it throws is its own trouble, and must not break ours. */
export function call<A extends unknown[]>(listener: (...args: A) => void, ...args: A): void {
  try {
    listener(...args);
  } catch (error) {
    console.error(error);
  }
}

/** Typed events. */
export class Emitter<E> {
  #listeners = new Map<keyof E, Set<{ listener: (event: any) => void }>>();

  on<K extends keyof E>(type: K, listener: (event: E[K]) => void): () => void {
    const entry = { listener };
    const entries = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, entries.add(entry));
    return () => void entries.delete(entry);
  }

  /** Reports whether there was a listener. */
  emit<K extends keyof E>(type: K, event: E[K]): boolean {
    const entries = [...(this.#listeners.get(type) ?? [])];
    for (const { listener } of entries) call(listener, event);
    return entries.length > 0;
  }

  clear(): void {
    this.#listeners.clear();
  }
}
