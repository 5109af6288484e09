import { cluster, Refused, type Cluster } from "./api.ts";
import { byId, h } from "./dom.ts";
import { PartitionMap } from "./map.ts";
import { change, describe, type Owners } from "./moves.ts";
import { NodeCard } from "./nodes.ts";
import { operator } from "./operator.ts";
import { Palette } from "./palette.ts";
import { figure } from "./rates.ts";

const pollMs = 1000;
const keepMs = 20_000; // how long a node that has left is shown

/** ClusterView asks its own node every second while somebody looks: nodes, the map, figures, and what moves. */
export class ClusterView {
  private palette = new Palette();
  private canvas = byId<HTMLCanvasElement>("map");
  private map = new PartitionMap(this.canvas, this.palette);
  private list = byId("nodes");
  private cards = new Map<string, NodeCard>();
  private owners: Owners = [];
  private visible = false;
  private pinned: string | undefined;

  constructor() {
    new IntersectionObserver(([e]) => { this.visible = e?.isIntersecting ?? false; if (this.visible) void this.poll(); }).observe(byId("cluster"));
    setInterval(() => { if (this.visible && !document.hidden) void this.poll(); }, pollMs);
  }

  explain(text: string): void { byId("moves").textContent = text; }

  async poll(): Promise<void> {
    try {
      this.show(await cluster(operator.token), performance.now());
      this.trouble("", false);
    } catch (e) {
      const refused = e instanceof Refused && e.code !== "unavailable";
      this.trouble(refused ? `The server says: ${e.message}` : "No answer from this page’s node. What is shown is what it said last.", refused);
    }
  }

  private trouble(text: string, refused: boolean): void {
    const place = byId("cluster-trouble");
    if (place.textContent !== text) place.textContent = text;
    byId("operator").hidden = !refused;
  }

  private show(c: Cluster, atMs: number): void {
    for (const m of c.members) this.card(m.id).show(m, c.partitions, atMs);
    for (const card of this.cards.values()) if (!c.members.some((m) => m.id === card.id)) this.leave(card);
    const owners = c.owners.map((i) => c.members[i]?.id ?? "");
    if (owners.some((o, p) => o !== this.owners[p])) this.move(owners, c);
    this.totals(c);
    byId("alone").hidden = c.members.length > 1;
    byId("seen-from").textContent = `Seen from ${c.members.find((m) => m.self)?.id ?? "?"}, table ${c.fingerprint}${c.moving ? `, ${c.moving} partitions on their way` : ""}`;
  }

  private card(id: string): NodeCard {
    let card = this.cards.get(id);
    if (card?.element.dataset.state === "left") { // it is back
      card.element.remove();
      card = undefined;
    }
    if (!card) {
      card = new NodeCard(id, this.palette.look(id), (c) => this.pin(c), (on) => this.map.highlight(on ? id : this.pinned));
      this.cards.set(id, card);
      this.list.append(card.element);
    }
    return card;
  }

  private leave(card: NodeCard): void {
    if (card.element.dataset.state === "left") return;
    card.gone();
    setTimeout(() => {
      if (this.cards.get(card.id) !== card) return;
      card.element.remove();
      this.cards.delete(card.id);
      this.palette.forget(card.id);
    }, keepMs);
  }

  private pin(card: NodeCard): void {
    this.pinned = this.pinned === card.id ? undefined : card.id;
    for (const c of this.cards.values()) c.button.setAttribute("aria-pressed", String(c.id === this.pinned));
    this.map.highlight(this.pinned);
  }

  private move(owners: Owners, c: Cluster): void {
    if (this.owners.length) this.explain(describe(change(this.owners, owners), c.partitions));
    this.owners = owners;
    this.map.show(owners);
    const shares = c.members.map((m) => `${m.id} owns ${m.partitions}`).join(", ");
    this.canvas.setAttribute("aria-label", `Map of ${c.partitions} partitions: ${shares}`);
  }

  private totals(c: Cluster): void {
    const figures = c.members.flatMap((m) => (m.figures ? [m.figures] : []));
    const rates = c.members.flatMap((m) => this.cards.get(m.id) ?? []);
    const sum = (numbers: number[]) => figure(numbers.reduce((a, b) => a + b, 0));
    const all: [string, string][] = [
      ["nodes", String(c.members.length)], ["participants", sum(figures.map((f) => f.participants))], ["devices", sum(figures.map((f) => f.devices))],
      ["changes/s", sum(rates.map((r) => r.changes.now))], ["heartbeats/s", sum(rates.map((r) => r.heartbeats.now))],
    ];
    byId("totals").replaceChildren(...all.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
  }
}
