/** The ceiling of the first pause, and of all later ones. */
export interface Bounds {
  readonly reconnectMinMs: number;
  readonly reconnectMaxMs: number;
}

/** Full jitter: any time between nothing, or `least` of it, and a ceiling that doubles with each attempt, so that a herd spreads out. */
export function backoff(attempt: number, { reconnectMinMs, reconnectMaxMs }: Bounds, least = 0, random = Math.random()): number {
  return (least + (1 - least) * random) * Math.min(reconnectMaxMs, reconnectMinMs * 2 ** attempt);
}
