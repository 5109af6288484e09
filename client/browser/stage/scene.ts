import { type Browser, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, inject } from "vitest";
import { Actor } from "./actor.ts";
import { Balancer } from "./balancer.ts";
import { browser } from "./browsers.ts";
import { start, type Stage } from "./nodes.ts";
import { overhear } from "./overhear.ts";
import { html, Pages } from "./pages.ts";

export interface Entrance {
  /** Whom to watch. */
  watch?: string[];
  idleAfterMs?: number;
  /** A node's address, if not the balancer's. */
  server?: string;
  /** Whose browser to use; a browser of one's own otherwise. */
  beside?: Actor;
  /** Runs in the page before anything else. */
  before?: () => void;
  /** Another of the application's pages. */
  path?: string;
  /** Another browser, which is prepared. */
  context?: BrowserContext;
}

/** Scene is what a test file plays in: nodes behind a balancer, an application's pages, and a browser. */
export class Scene {
  nodes!: Stage;
  balancer!: Balancer;
  readonly pages = new Map([["/", html("", inject("script"))], ["/bare", html("", inject("bare"))], ["/elsewhere", html("", "")]]);
  /** What pages have said by a beacon, in order. */
  readonly said: string[] = [];
  private server!: Pages;
  private browser!: Browser;
  private actors = new Map<Page, Actor>();

  async begin(n: number, flags: string[]): Promise<void> {
    this.server = await Pages.serve(this.pages, (said) => this.said.push(said));
    this.nodes = await start(inject("binary"), n, [`--allowed-origins=${this.server.url}`, ...flags]);
    this.balancer = await Balancer.before(this.nodes.nodes);
    this.browser = await browser();
  }

  /** leave closes all pages. */
  async leave(): Promise<void> {
    await Promise.all(this.browser.contexts().map((c) => c.close()));
    this.actors.clear();
  }

  async end(): Promise<void> {
    await Promise.all([this.balancer?.close(), this.server?.close(), this.nodes?.close()]);
  }

  /** enter opens the tests' page as somebody, and waits for the connection, and for a state of everybody who is watched. */
  async enter(as: string, entrance: Entrance = {}): Promise<Actor> {
    const context = entrance.beside?.page.context() ?? entrance.context ?? await this.context();
    const page = await context.newPage();
    if (entrance.before) await page.addInitScript(entrance.before);
    const actor = this.actor(page);
    await page.goto(this.address(entrance.path ?? "/", as, entrance));
    if (!entrance.path) await actor.opened(1);
    for (const id of entrance.watch ?? []) await actor.until(`a state of ${id}`, () => actor.states(id).length > 0);
    return actor;
  }

  /** address is where the tests' page is somebody's. */
  address(path: string, as: string, entrance: Entrance = {}): string { return `${this.server.url}${path}?${this.query(as, entrance)}`; }

  /** visit opens another of the application's pages, or any. */
  async visit(address: string, options?: BrowserContextOptions): Promise<Page> {
    const page = await (await this.context(options)).newPage();
    await page.goto(new URL(address, this.server.url).href);
    return page;
  }

  /** actor is who is at a page. */
  actor(page: Page): Actor {
    const actor = this.actors.get(page) ?? new Actor(page);
    this.actors.set(page, actor);
    return actor;
  }

  /** logs are for a test that fails. */
  logs(): string { return [...[...this.actors.values()].map((a) => a.log()), this.nodes.logs()].join("\n"); }

  private async context(options?: BrowserContextOptions): Promise<BrowserContext> { return this.prepare(await this.browser.newContext(options)); }

  /** prepare has a browser's pages tell what they are told. */
  async prepare(context: BrowserContext): Promise<BrowserContext> {
    await context.addInitScript(overhear);
    await context.exposeBinding("told", ({ page }, about: string, state: string, at: number) => this.actor(page).hear(about, state, at));
    return context;
  }

  private query(as: string, { watch, idleAfterMs, server }: Entrance): URLSearchParams {
    const query = new URLSearchParams({ as, server: server ?? this.balancer.url });
    if (watch) query.set("watch", watch.join());
    if (idleAfterMs) query.set("idle", String(idleAfterMs));
    return query;
  }
}

/** scene gives a test file a scene of its own with n nodes; when a test fails, it tells what happened. */
export function scene(n: number, ...flags: string[]): Scene {
  const scene = new Scene();
  beforeAll(() => scene.begin(n, flags));
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") console.error(scene.logs());
    await scene.leave();
  });
  afterAll(() => scene.end());
  return scene;
}
