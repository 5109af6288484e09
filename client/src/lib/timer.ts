export const longestMs = 2 ** 31 - 1; // a timer that is told more fires at once

/** Calls act once, after ms; Infinity: never. Calling the function it returns stops it. */
export function after(ms: number, act: () => void): () => void {
  if (ms === Infinity) return () => {};
  const timer = setTimeout(act, Math.min(ms, longestMs));
  return () => clearTimeout(timer);
}
