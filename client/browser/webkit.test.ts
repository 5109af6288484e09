import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kind } from "./stage/browsers.ts";
import { until } from "./stage/nodes.ts";
import { scene } from "./stage/scene.ts";
import { WebKit } from "./stage/webkit.ts";

// As in unattended.test.ts. Who watches is in Chromium.
const s = scene(1, "--heartbeat-interval=2s", "--missed-heartbeats=3", "--grace=2s", "--linger=2s", "--unattended-after=4s");

describe.runIf(process.env.PRESENCE_TOOLS === "full" && kind === "chromium")("in WebKitGTK", () => {
  let webkit: WebKit;
  beforeAll(async () => { webkit = await WebKit.start(); });
  afterAll(() => webkit?.close());

  it("takes a page that was left for gone, until its person comes back", async () => {
    const zoe = await s.enter("zoe", { watch: ["ada"] });
    await webkit.goto(s.address("/bare", "ada"));
    await zoe.saw("ada", "offline", "online");
    await webkit.evaluate(`setTimeout(() => location.assign("/elsewhere"))`);
    await zoe.saw("ada", "offline", "online", "offline"); // it closes the socket, and the device lingers
    await webkit.evaluate(`setTimeout(() => history.back())`);
    await zoe.saw("ada", "offline", "online", "offline", "online");
    expect(s.said).toContain("ada pageshow cached");
  });

  it("takes a page that doesn't get to run for idle", async () => {
    const zoe = await s.enter("zoe", { watch: ["ben"] });
    await webkit.goto(s.address("/bare", "ben"));
    await zoe.saw("ben", "offline", "online");
    await webkit.evaluate(`setTimeout(() => { const end = Date.now() + 9000; while (Date.now() < end); })`);
    await zoe.saw("ben", "offline", "online", "idle", "online");
  });

  it("comes back with our client to what has changed meanwhile", async () => {
    const zoe = await s.enter("zoe", { watch: ["eve"] });
    await webkit.goto(s.address("/", "eve", { watch: ["zoe"] }));
    await zoe.saw("eve", "offline", "online");
    await webkit.evaluate(`setTimeout(() => location.assign("/elsewhere"))`);
    await zoe.saw("eve", "offline", "online", "offline");
    await zoe.page.evaluate(() => presence.setBusy());
    await webkit.evaluate(`setTimeout(() => history.back())`);
    await zoe.saw("eve", "offline", "online", "offline", "online");
    await until("zoe is busy", () => webkit.evaluate(`return presence.getPresence("zoe") === "busy"`), () => zoe.log());
  });
});
