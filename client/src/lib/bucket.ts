// The server allows 20 a second and 100 at once; the rest is for what the network bunches together.
const refillMs = 62.5; // 16 a second
const burst = 80;

/** Keeps the connection to the server's message rate. Times are milliseconds of the wall clock, which may jump. */
export class Bucket {
  #tokens = burst;
  #at = Date.now();
  #pausedUntil = 0;

  /** How long until a message may be sent; 0: now. */
  wait(now = Date.now()): number {
    if (now < this.#pausedUntil) return this.#pausedUntil - now;
    this.#tokens = Math.min(burst, this.#tokens + Math.max(0, now - this.#at) / refillMs);
    this.#at = now;
    return Math.max(0, Math.ceil((1 - this.#tokens) * refillMs));
  }

  take(): void {
    this.#tokens--;
  }

  pause(ms: number): void {
    this.#pausedUntil = Date.now() + ms;
  }
}
