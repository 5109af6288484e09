/** Change is how one map of owners became another. */
export interface Change {
  joined: string[];
  left: string[];
  moved: number[]; // partitions with another owner
  to: Map<string, number>; // how many of them each node got
}

/** Owners names the owner of each partition. */
export type Owners = readonly string[];

export function change(before: Owners, after: Owners): Change {
  const old = new Set(before), now = new Set(after);
  const moved = after.flatMap((owner, p) => (owner === before[p] ? [] : [p]));
  const to = new Map<string, number>();
  for (const p of moved) {
    const owner = after[p];
    if (owner !== undefined) to.set(owner, (to.get(owner) ?? 0) + 1);
  }
  return { joined: [...now].filter((n) => !old.has(n)), left: [...old].filter((n) => !now.has(n)), moved, to };
}

const and = (words: string[]): string => words.join(", ").replace(/, ([^,]*)$/, " and $1");
const count = (n: number): string => n.toLocaleString("en");

/** describe says a change in words. */
export function describe(c: Change, partitions: number): string {
  const events = [c.left.length && `${and(c.left)} left`, c.joined.length && `${and(c.joined)} joined`].filter(Boolean).join(", ");
  const shares = [...c.to].sort((a, b) => b[1] - a[1]).map(([node, n]) => `${count(n)} to ${node}`);
  const percent = Math.round((100 * c.moved.length) / partitions);
  return `${events || "The table changed"}: ${count(c.moved.length)} of ${count(partitions)} partitions (${percent} %) have a new owner, ${and(shares)}. All others stayed where they were.`;
}
