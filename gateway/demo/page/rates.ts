/** Rate turns a counter that is read now and then into a number a second, and remembers the last minute. */
export class Rate {
  readonly history: number[] = [];
  private last: { value: number; atMs: number } | undefined;

  /** add takes a reading. A counter that went back has been started anew. */
  add(value: number, atMs: number): void {
    const { last } = this;
    this.last = { value, atMs };
    if (!last || value < last.value || atMs <= last.atMs) return;
    this.history.push((1000 * (value - last.value)) / (atMs - last.atMs));
    if (this.history.length > 60) this.history.shift();
  }

  get now(): number { return this.history.at(-1) ?? 0; }
}

/** figure is a number as short as it is readable. */
export const figure = (n: number): string => (n > 0 && n < 10 ? n.toFixed(1).replace(/\.0$/, "") : Math.round(n).toLocaleString("en"));
