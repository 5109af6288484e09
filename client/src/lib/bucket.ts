// The server allows 20 a second and 100 at once; the rest is for what the network bunches together.
const perSecond = 16;
const burst = 80;

/** Keeps the connection to the server's message rate. Times are milliseconds of the wall clock, which may jump. */
export class Bucket {
  #tokens = burst;
  #at = Date.now();
  #pausedUntil = 0;

  /** How long until a message may be sent; 0: now. */
  wait(now = Date.now()): number {
    if (now < this.#pausedUntil) return this.#pausedUntil - now;
    this.#tokens = Math.min(burst, this.#tokens + (Math.max(0, now - this.#at) / 1000) * perSecond);
    this.#at = now;
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) / perSecond) * 1000);
  }

  take(): void {
    this.#tokens--;
  }

  pause(ms: number): void {
    this.#pausedUntil = Date.now() + ms;
  }
}
