import type { Owners } from "./moves.ts";
import { looks, outlines, type Palette } from "./palette.ts";

const cell = 10; // CSS pixels at full size; the canvas is scaled
const moveMs = 1400;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** PartitionMap draws who owns what, a cell for each partition, and lets those that move be seen moving. */
export class PartitionMap {
  private owners: Owners = [];
  private before: Owners = [];
  private movedAtMs = -Infinity;
  private only: string | undefined;
  private colours: string[] = [];
  private paths = outlines.map((d) => new Path2D(d));

  constructor(private canvas: HTMLCanvasElement, private palette: Palette) {
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  /** show takes a new map; what has another owner than before is animated, unless motion is not wanted. */
  show(owners: Owners): void {
    const first = this.owners.length === 0;
    this.before = first ? owners : this.owners;
    this.owners = owners;
    this.movedAtMs = first || calm.matches ? -Infinity : performance.now();
    this.draw();
  }

  /** highlight lets one node's cells stand out, or none's. */
  highlight(node: string | undefined): void {
    this.only = node;
    this.draw();
  }

  private draw(): void {
    const n = this.owners.length;
    const context = this.canvas.getContext("2d");
    if (!n || !context) return;
    const columns = Math.ceil(Math.sqrt(n));
    this.colours = Array.from({ length: looks }, (_, i) => this.colour(i));
    this.canvas.width = columns * cell * 2;
    this.canvas.height = Math.ceil(n / columns) * cell * 2;
    context.scale(cell * 2, cell * 2);
    const elapsed = performance.now() - this.movedAtMs;
    for (let p = 0; p < n; p++) this.paint(context, p, p % columns, Math.floor(p / columns), elapsed);
    if (elapsed < moveMs) requestAnimationFrame(() => this.draw());
  }

  /** colour is one of the style sheet's, as the theme has it now. */
  private colour(look: number): string {
    this.canvas.style.color = `var(--node-${look})`;
    return getComputedStyle(this.canvas).color;
  }

  private paint(context: CanvasRenderingContext2D, p: number, x: number, y: number, elapsed: number): void {
    const owner = this.owners[p], old = this.before[p];
    if (owner === undefined || old === undefined) return;
    // Cells go one after the other, in an order that looks like none: the old look shrinks away, the new one grows.
    const begin = ((p * 2654435761) % 1024) / 1024 * moveMs * 0.6;
    const t = owner === old ? 1 : Math.min(Math.max((elapsed - begin) / (moveMs * 0.4), 0), 1);
    const node = t < 0.5 ? old : owner;
    const look = this.palette.look(node) % looks;
    const size = 0.84 * Math.abs(2 * t - 1) ** 0.6;
    context.save();
    context.globalAlpha = this.only === undefined || this.only === node ? 1 : 0.16;
    context.fillStyle = this.colours[look] ?? "gray";
    context.translate(x + 0.5 - size / 2, y + 0.5 - size / 2);
    context.scale(size, size);
    context.fill(this.paths[look] ?? new Path2D());
    context.restore();
  }
}
