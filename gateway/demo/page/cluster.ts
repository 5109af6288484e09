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

/** What is said before anything has happened. */
const first = {
  one: "Every participant belongs to this node. Let a crowd come, and see what it costs.",
  many: "Every participant belongs to a partition, every partition to a node. Point at a node to see its part; start or stop one to see what moves.",
};

/** ClusterView asks its own node every second while somebody looks: nodes, the map, figures, and what moves. */
export class ClusterView {
  private palette = new Palette();
  private canvas = byId<HTMLCanvasElement>("map");
  private map = new PartitionMap(this.canvas, this.palette);
  private list = byId("nodes");
  private cards = new Map<string, NodeCard>();
  private owners: Owners = [];
  private chart = this.canvas.parentElement as HTMLElement;
  private visible = false;
  private explained = false; // of what has happened since
  private pinned: string | undefined;

  constructor() {
    new IntersectionObserver(([e]) => { this.visible = e?.isIntersecting ?? false; if (this.visible) void this.poll(); }).observe(byId("cluster"));
    setInterval(() => { if (this.visible && !document.hidden) void this.poll(); }, pollMs);
  }

  explain(text: string): void {
    byId("moves").textContent = text;
    this.explained = true;
  }

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
    this.alone(this.cards.size < 2); // a node that has just left is still to be seen
    this.from(c);
  }

  /** alone shows what there is to see of one node: how to start a second. A map of one colour says nothing. */
  private alone(yes: boolean): void {
    byId("alone").hidden = !yes;
    this.chart.hidden = yes;
    const place = byId("moves"), text = yes ? first.one : first.many;
    if (!this.explained && place.textContent !== text) place.textContent = text;
  }

  /** from says in words whose view this is. The table's fingerprint is for operators, who compare it between nodes. */
  private from(c: Cluster): void {
    const place = byId("seen-from");
    const moving = c.moving === 1 ? "one partition is" : `${c.moving.toLocaleString("en")} partitions are`;
    place.textContent = `As ${c.members.find((m) => m.self)?.id ?? "this page’s node"} sees it; ${c.moving ? `${moving} on the way to another node` : "all is in its place"}.`;
    place.title = `Table ${c.fingerprint}: the same on all nodes that agree`;
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
