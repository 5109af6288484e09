/** How many nodes look different from each other. */
export const looks = 8;

// Outlines in a unit square, so that who sees no colours can tell nodes apart.
const square = "M.04.04h.92v.92h-.92z", circle = "M.5.02a.48.48 0 1 1 0 .96.48.48 0 0 1 0-.96z", diamond = "M.5-.02 1.02.5.5 1.02-.02.5z";
const up = "M.5.02 1 .95H0z", down = "M.5.98 0 .05h1z", cross = "M.33.04h.34v.29h.29v.34h-.29v.29h-.34v-.29h-.29v-.34h.29z";
const bar = "M.04.24h.92v.52h-.92z", column = "M.24.04h.52v.92h-.52z";
export const outlines = [square, circle, diamond, up, cross, bar, down, column];

/** Palette gives each node a look, and keeps it: the others don't change theirs when one leaves. */
export class Palette {
  private byNode = new Map<string, number>();

  look(node: string): number {
    const known = this.byNode.get(node);
    if (known !== undefined) return known;
    const taken = new Set(this.byNode.values());
    let look = 0;
    while (taken.has(look)) look++;
    this.byNode.set(node, look);
    return look;
  }

  forget(node: string): void { this.byNode.delete(node); }
}
