const firstCeilingMs = 1000;
const lastCeilingMs = 30_000; // under half a deadline at the default timings, so that a device is back in time

/** Full jitter: any time between nothing and a ceiling that doubles with each attempt, so that a herd spreads out. */
export function backoff(attempt: number, random: () => number = Math.random): number {
  return random() * Math.min(lastCeilingMs, firstCeilingMs * 2 ** Math.min(attempt, 10));
}
