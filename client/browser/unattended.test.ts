import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Actor } from "./stage/actor.ts";
import { Background } from "./stage/background.ts";
import { kind } from "./stage/browsers.ts";
import { until } from "./stage/nodes.ts";
import { scene } from "./stage/scene.ts";

// A deadline of 8 s, a linger of 2 s, and 4 s until a page that says nothing is unattended.
const s = scene(1, "--heartbeat-interval=2s", "--missed-heartbeats=3", "--grace=2s", "--linger=2s", "--unattended-after=4s");

let background: Background;
beforeAll(async () => {
  if (kind !== "chromium") return;
  background = await Background.start();
  await s.prepare(background.context);
});
afterAll(() => background?.close());

/** arrive opens a page that uses a bare WebSocket, and zoe, who watches whose it is. */
async function arrive(as: string): Promise<{ zoe: Actor; page: Page }> {
  const zoe = await s.enter("zoe", { watch: [as] });
  const { page } = await s.enter(as, { path: "/bare" });
  await zoe.saw(as, "offline", "online");
  return { zoe, page };
}

/** leave follows a link, without waiting for what comes of it. */
const leave = (page: Page): Promise<void> => page.evaluate(() => void setTimeout(() => location.assign("/elsewhere"), 0));

/** goBack is the browser's button. */
const goBack = (page: Page): Promise<void> => page.evaluate(() => void setTimeout(() => history.back(), 0));

const says = (what: string): Promise<void> => until(`a page says ${what}`, async () => s.said.includes(what), () => s.said.join("\n"));

it("takes a page that was left by a link for idle, or gone, until its person comes back", async () => {
  const { zoe, page } = await arrive("ada");
  await leave(page);
  await page.waitForURL("**/elsewhere");
  const away = kind === "chromium" ? "idle" : "offline"; // Firefox closes the socket: the device lingers
  await zoe.saw("ada", "offline", "online", away);
  await goBack(page);
  await zoe.saw("ada", "offline", "online", away, "online");
  expect(s.said.includes("ada pageshow cached")).toBe(kind === "chromium");
});

it("takes a page that doesn't get to run for idle, and believes it when it does", async () => {
  const { zoe, page } = await arrive("ben");
  await page.evaluate(() => void setTimeout(() => {
    const end = Date.now() + 9_000;
    while (Date.now() < end);
  }, 0));
  await zoe.saw("ben", "offline", "online", "idle", "online");
});

it.runIf(kind === "chromium")("takes a page that the browser has frozen for idle", async () => {
  const zoe = await s.enter("zoe", { watch: ["carl"] });
  const { page } = await s.enter("carl", { path: "/bare", context: background.context });
  await zoe.saw("carl", "offline", "online");
  const thaw = await background.freeze(page);
  await zoe.saw("carl", "offline", "online", "idle");
  await thaw();
  await zoe.saw("carl", "offline", "online", "idle", "online");
});

it("takes a page that is closed for gone", async () => {
  const { zoe, page } = await arrive("dora");
  await page.close();
  await zoe.saw("dora", "offline", "online", "offline");
});

it("comes back with our client to what has changed meanwhile", async () => {
  const zoe = await s.enter("zoe", { watch: ["eve"] });
  const eve = await s.enter("eve", { watch: ["zoe"] });
  await zoe.saw("eve", "offline", "online");
  const beside = await s.enter("eve", { beside: eve }); // its channel would throw the other page out of the cache
  await eve.page.evaluate(() => addEventListener("pageshow", ({ persisted }) => navigator.sendBeacon("/", `eve pageshow ${persisted ? "cached" : "new"}`)));
  await leave(eve.page);
  await eve.page.waitForURL("**/elsewhere");
  await beside.page.mouse.move(20, 30);
  await beside.page.evaluate(() => presence.noteActivity());
  await zoe.page.evaluate(() => presence.setBusy());
  await zoe.saw("self", "online", "busy");
  await goBack(eve.page);
  await until("eve's page shows that zoe is busy", () => eve.page.evaluate(() => globalThis.presence?.getPresence("zoe") === "busy"), () => eve.log());
  if (kind === "chromium") await says("eve pageshow cached"); // Firefox caches no page that had a socket: it is a new one
  expect((await s.nodes.devices("eve")).length).toBe(2);
  await zoe.saw("eve", "offline", "online");
});

it.runIf(kind === "chromium")("thaws with our client to what has changed meanwhile", async () => {
  const yan = await s.enter("yan", { watch: ["finn"] });
  const finn = await s.enter("finn", { watch: ["yan"], context: background.context });
  await yan.saw("finn", "offline", "online");
  const thaw = await background.freeze(finn.page);
  await yan.saw("finn", "offline", "online", "idle");
  await yan.page.evaluate(() => presence.appearOffline());
  await yan.until("hidden", () => yan.states("self").at(-1) === "appear_offline");
  await thaw();
  await yan.saw("finn", "offline", "online", "idle", "online");
  await finn.until("a fresh snapshot", () => finn.states("yan").at(-1) === "offline");
});
