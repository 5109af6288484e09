import { connect, type Presence, type State } from "../../../client/src/index.ts";
import { definePresenceStatus, endLine, type Own, withStatus, type StatusCalls } from "../../../client/src/status.ts";
import { withVisibility, type VisibilityCalls } from "../../../client/src/visibility.ts";
import { detail, Refused } from "./api.ts";
import { h } from "./dom.ts";
import { Profile } from "./profile.ts";
import { Row } from "./row.ts";
import { claims } from "./saying.ts";
import { signInForm } from "./signin.ts";
import { Told } from "./told.ts";
import { nameOf } from "./person.ts";

const english = navigator.languages.find((language) => /^en\b/.test(language)) ?? "en-GB";

/** What a pane needs of the page around it. */
export interface Page {
  idleSeconds(): number;
  people(): string[];
  taken(token: string): boolean;
  message(from: Pane, row: Row): void;
  block(from: Pane, row: Row): void;
  changed(): void;
  remove(pane: Pane): void;
}

/** Pane is one person's window: what that person is, sees and was told. */
export class Pane {
  readonly element = h("section", { className: "pane card" });
  id: string | undefined;
  token: string | undefined;
  presence: (Presence & VisibilityCalls & StatusCalls) | undefined;
  rows = new Map<string, Row>();
  private profile: Profile | undefined;
  private told: Told | undefined;
  private asked: Presence | undefined; // for blocks, and hasn't answered yet
  private people = h("ul", { className: "people" });

  constructor(private page: Page, private number: number) { this.askWho(""); }

  /** askWho shows the form to sign in with; why says what went wrong, if something did. */
  private askWho(why: string): void {
    this.presence = this.id = this.token = this.profile = undefined;
    this.rows.clear();
    this.element.removeAttribute("data-as");
    this.element.replaceChildren(signInForm(this.number, why, (token) => this.signIn(token), () => this.page.remove(this)));
    this.page.changed();
  }

  signIn(token: string): void {
    if (this.page.taken(token)) return this.askWho(`${nameOf(token)} is here already. For a second device, open this page in another tab.`);
    const idleAfterMs = this.page.idleSeconds() * 1000;
    const url = new URL("v1/ws", location.href);
    const p = withStatus(withVisibility(connect({ url, token, idleAfterMs, activityTarget: this.element })));
    if (!customElements.get("presence-status")) definePresenceStatus(p); // each row's gets its own connection
    this.token = token;
    this.presence = p;
    p.on("status", () => this.status(p));
    p.on("self", () => this.self(p));
    p.statuses.watchOwn(() => this.page.changed());
    p.on("error", () => {}); // what matters is told by the status, or ends the connection
    p.on("closed", (e) => { if (p === this.presence) this.askWho(e.reason === "signed_out" || e.reason === "closed" ? "" : e.message); });
    this.status(p);
  }

  /** signOut says goodbye: others see it at once. */
  async signOut(): Promise<void> {
    const p = this.presence;
    this.askWho("");
    await p?.signOut();
  }

  /** again signs in anew with what the page is set to now. The device stays, so nobody sees anything. */
  again(): void {
    const { presence, token } = this;
    this.presence = undefined;
    presence?.close();
    if (token === undefined) return;
    this.askWho("");
    this.signIn(token);
  }

  private status(p: Presence & StatusCalls): void {
    if (p !== this.presence) return;
    if (p.status === "open" && this.id === undefined && p.participantId !== undefined) this.welcome(p, p.participantId);
    this.element.dataset.status = p.status;
    this.profile?.status(p.status);
    for (const row of this.rows.values()) row.offer(this.knows("visibility"));
    this.profile?.offer(this.knows("status"));
    this.page.changed();
  }

  /** why is what else there is to say of one's own state: in English, as it becomes a part of a sentence. */
  why(): { ends: string; claims: readonly string[] } {
    const own: Own = this.presence?.statuses.own ?? { status: undefined, overrideUntil: Infinity, busy: [] };
    return { ends: endLine(own.overrideUntil, { locale: english }), claims: claims(own, this.presence?.self?.override) };
  }

  /** knows reports whether the server knows of something: nothing is offered that it would refuse. */
  private knows(feature: string): boolean { return this.presence?.features.includes(feature) ?? false; }

  private welcome(p: Presence & StatusCalls, id: string): void {
    this.id = id;
    this.element.dataset.as = id;
    this.profile = new Profile(id, this.number, p, () => void this.signOut());
    this.told = new Told(nameOf(id));
    this.people.replaceChildren();
    this.element.replaceChildren(this.profile.element,
      h("section", { ariaLabel: `What ${nameOf(id)} sees` }, h("h3", {}, `${nameOf(id)} sees`), this.people), this.told.element);
    for (const other of this.page.people()) this.watch(other);
    this.self(p);
    void this.refresh();
  }

  /** watch adds somebody to the people in this pane. */
  watch(id: string): void {
    if (!this.presence || id === this.id || this.rows.has(id)) return;
    const row = new Row(id, this.presence, { message: (r) => this.page.message(this, r), block: (r) => this.page.block(this, r) });
    row.offer(this.knows("visibility"));
    this.rows.set(id, row);
    this.people.append(row.element);
    this.presence.subscribe(id, (_, state) => this.heard(row, state));
  }

  private heard(row: Row, state: State): void {
    if (row.state === state) return;
    if (row.state !== "unknown") this.told?.add(row.id, state);
    row.show(state);
    if (state === "offline") void this.refresh();
    this.page.changed();
  }

  private self(p: Presence): void {
    if (p !== this.presence || !p.self) return;
    this.profile?.show(p.self);
    this.page.changed();
  }

  /** refresh asks for what isn't told: when those who are away were last seen, and one's own devices. */
  async refresh(): Promise<void> {
    const token = this.token;
    if (token === undefined || this.presence?.status !== "open") return;
    void this.showBlocks();
    this.profile?.own();
    const away = [...this.rows.values()].filter((r) => r.state === "offline");
    try {
      const [mine, ...others] = await Promise.all([detail(token, "me"), ...away.map((r) => detail(token, r.id))]);
      if (token !== this.token) return;
      this.profile?.devices(mine?.devices ?? []);
      others.forEach((d, i) => away[i]?.seenAt(d));
    } catch (e) {
      if (!(e instanceof Refused || e instanceof TypeError)) throw e; // the next time will do
    }
  }

  /** showBlocks follows what was blocked, on any device. A button waits for one question at most. */
  private async showBlocks(): Promise<void> {
    const p = this.presence;
    if (!p || p === this.asked || !this.knows("visibility")) return;
    this.asked = p;
    const blocked = await p.blocks().catch(() => undefined); // the next time will do
    this.asked = undefined;
    if (!blocked || p !== this.presence) return;
    for (const row of this.rows.values()) row.block(blocked.includes(row.id));
    this.page.changed();
  }
}
