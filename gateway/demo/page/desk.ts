import { faultOf } from "../../../client/src/lib/ids.ts";
import { directMessage, Refused } from "./api.ts";
import { byId, h } from "./dom.ts";
import { operator } from "./operator.ts";
import { Pane, type Page } from "./pane.ts";
import { isAI, nameOf } from "./person.ts";
import type { Row } from "./row.ts";
import { cast, idsIn, writeSettings, type Settings } from "./settings.ts";
import { story } from "./story.ts";

const most = 4;
const refreshMs = 10_000;

/** Desk holds the panes side by side, and tells their story. */
export class Desk implements Page {
  private panes: Pane[] = [];
  private made = 0;
  private place = byId("panes");
  private line = byId("story");

  constructor(private settings: Settings) {
    for (const token of settings.as.slice(0, most)) this.add().signIn(token);
    if (!this.panes.length) this.add();
    byId("add").addEventListener("click", () => { this.add(); this.place.lastElementChild?.querySelector("input")?.focus(); });
    byId("watch").addEventListener("submit", (e) => { e.preventDefault(); this.watch(); });
    setInterval(() => { if (!document.hidden) this.refresh(); }, refreshMs);
  }

  add(): Pane {
    const pane = new Pane(this, ++this.made);
    pane.element.setAttribute("aria-labelledby", `pane-${this.made}`);
    this.panes.push(pane);
    this.place.append(pane.element);
    this.changed();
    return pane;
  }

  remove(pane: Pane): void {
    this.panes = this.panes.filter((p) => p !== pane);
    pane.element.remove();
    byId("add").focus();
    this.changed();
  }

  /** setIdle changes after how long everybody here becomes idle. */
  setIdle(seconds: number): void {
    this.settings.idleSeconds = seconds;
    for (const p of this.panes) p.again();
  }

  idleSeconds(): number { return this.settings.idleSeconds; }

  people(): string[] { return [...new Set([...cast, ...this.settings.watch])]; }

  taken(token: string): boolean { return this.panes.some((p) => p.token === token); }

  private watch(): void {
    const field = byId<HTMLInputElement>("watched");
    const ids = idsIn(field.value);
    const wrong = ids.map((id) => faultOf(id)).find((fault) => fault !== undefined);
    byId("watch-trouble").textContent = wrong ? `${wrong.message}.` : "";
    field.setAttribute("aria-invalid", String(wrong !== undefined));
    if (wrong) return field.focus();
    this.settings.watch = [...new Set([...this.settings.watch, ...ids])];
    for (const p of this.panes) for (const id of ids) p.watch(id);
    field.value = "";
    this.changed();
  }

  message(from: Pane, row: Row): void {
    const me = from.id;
    if (me === undefined) return;
    directMessage(operator.token, me, row.id).then(() => this.sent(me, row.id), (e) => {
      byId("hint").textContent = e instanceof Refused && e.code !== "unavailable"
        ? `The message was not recorded: ${e.message}. Messages are recorded by a backend; give a token with the scope presence:service below.`
        : "The message was not recorded: the server could not be reached. Try again.";
    });
  }

  private sent(a: string, b: string): void {
    const at = new Date();
    for (const p of this.panes) {
      if (p.id === a) p.rows.get(b)?.wrote(at);
      if (p.id === b) p.rows.get(a)?.wrote(at);
    }
    const known = this.blocks(a, b) ?? this.blocks(b, a) ??
      "For 24 hours these two see each other as they are, appear offline or not. Nobody else does.";
    byId("hint").textContent = `${nameOf(a)} wrote to ${nameOf(b)}. ${known}`;
    this.refresh();
  }

  /** blocks says what a message between two changes, when one has blocked the other. */
  private blocks(who: string, whom: string): string | undefined {
    if (!this.panes.some((p) => p.id === who && p.rows.get(whom)?.blocked)) return undefined;
    const [name, other] = [nameOf(who), nameOf(whom)];
    return `That changes nothing for ${other}, whom ${name} has blocked: a block is stronger than a message.`;
  }

  block(from: Pane, row: Row): void {
    const { presence } = from;
    if (!presence) return;
    const blocked = !row.blocked;
    const done = blocked ? presence.block(row.id) : presence.unblock(row.id);
    done.then(() => { row.block(blocked); this.changed(); }, (e: Error) => {
      byId("hint").textContent = `${nameOf(row.id)} was not ${blocked ? "blocked" : "unblocked"}: ${e.message}`;
    });
  }

  private refresh(): void { for (const p of this.panes) void p.refresh(); }

  changed(): void {
    const signedIn = this.panes.filter((p) => p.id !== undefined);
    const text = story(signedIn.map((p) => ({
      id: p.id ?? "", open: p.presence?.status === "open", self: p.presence?.self?.state ?? "unknown", ...p.why(),
      sees: new Map([...p.rows].map(([id, row]) => [id, row.state])),
      blocked: [...p.rows.values()].filter((row) => row.blocked).map((row) => row.id),
    })), this.settings.idleSeconds);
    if (this.line.textContent !== text) this.line.replaceChildren(h("span", {}, text));
    byId<HTMLButtonElement>("add").disabled = this.panes.length >= most;
    // Only what is a name goes into the address; a real token must not.
    this.settings.as = signedIn.flatMap((p) => (p.id === p.token && p.id && !isAI(p.id) ? [p.id] : []));
    if (this.panes.every((p) => p.id !== undefined || p.presence === undefined)) writeSettings(this.settings);
  }
}
