import type { Member } from "./api.ts";
import { h, shape } from "./dom.ts";
import { looks, outlines } from "./palette.ts";
import { figure, Rate } from "./rates.ts";

/** NodeCard is one node of the list beside the map. */
export class NodeCard {
  readonly element: HTMLLIElement;
  readonly changes = new Rate();
  readonly heartbeats = new Rate();
  private state = h("span", { className: "soft" });
  private share = h("span", { className: "share" });
  private bar = h("span", { className: "bar", "aria-hidden": "true" });
  private numbers = h("dl", {});
  private spark = shape("0 0 60 20", { trend: "" });
  readonly button: HTMLButtonElement;

  constructor(readonly id: string, look: number, toggle: (card: NodeCard) => void, point: (on: boolean) => void) {
    const swatch = shape("0 0 1 1", { outline: outlines[look % looks] ?? "" });
    swatch.setAttribute("class", "swatch");
    this.button = h("button", { type: "button", className: "node", onclick: () => toggle(this) }, swatch, h("strong", {}, id), this.state, this.share);
    this.button.setAttribute("aria-pressed", "false");
    this.element = h("li", { onmouseenter: () => point(true), onmouseleave: () => point(false) }, this.button, this.bar, this.numbers, this.spark);
    this.element.style.setProperty("--look", `var(--node-${look % looks})`);
    this.element.dataset.node = id;
  }

  show(m: Member, partitions: number, atMs: number): void {
    const percent = (100 * m.partitions) / partitions;
    this.state.textContent = `${m.role === "all" ? "" : `${m.role}, `}${m.state}${m.self ? ", answered" : ""}`;
    this.share.textContent = `${m.partitions.toLocaleString("en")} partitions`;
    this.bar.style.setProperty("--percent", `${percent}%`);
    this.element.dataset.state = m.state;
    if (m.figures) {
      this.changes.add(m.figures.changes, atMs);
      this.heartbeats.add(m.figures.heartbeats, atMs);
    }
    this.fill(m.figures ? [figure(m.figures.participants), figure(m.figures.devices), figure(this.changes.now)] : ["no answer", "no answer", "no answer"]);
    this.draw();
  }

  /** gone is a node that has left: it stays for a while, so that one sees who it was. */
  gone(): void {
    this.state.textContent = "left";
    this.share.textContent = "";
    this.bar.style.setProperty("--percent", "0%");
    this.element.dataset.state = "left";
    this.numbers.replaceChildren();
  }

  private fill(values: string[]): void {
    const names = ["participants", "devices", "changes/s"];
    this.numbers.replaceChildren(...names.map((name, i) => h("div", {}, h("dt", {}, name), h("dd", {}, values[i] ?? ""))));
  }

  private draw(): void {
    const all = this.changes.history, top = Math.max(1, ...all);
    const points = all.map((v, i) => `${60 - all.length + i + 1} ${19 - (18 * v) / top}`);
    this.spark.querySelector("path")?.setAttribute("d", points.length > 1 ? `M${points.join("L")}` : "");
  }
}
