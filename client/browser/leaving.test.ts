import { expect, it } from "vitest";
import { kind } from "./stage/browsers.ts";
import { scene } from "./stage/scene.ts";

// Nothing but a sign-out ends a device within the time of these tests.
const s = scene(1, "--heartbeat-interval=1m", "--linger=65s");

it("signs a device out as its page goes, by the request that docs/client.md has for that", async () => {
  const zoe = await s.enter("zoe", { watch: ["ada"] });
  const ada = await s.enter("ada");
  await zoe.saw("ada", "offline", "online");
  await ada.page.evaluate((server) => addEventListener("pagehide", () => {
    void fetch(`${server}/v1/presence/me/devices/${presence.deviceId}`, {
      method: "DELETE", keepalive: true, headers: { Authorization: "Bearer ada" },
    });
  }), s.balancer.url);
  await ada.page.evaluate(() => void setTimeout(() => location.assign("/elsewhere"), 0));
  await zoe.saw("ada", "offline", "online", "offline");
});

it.runIf(kind === "firefox")("tells nobody by signOut() in pagehide: the browser has closed the socket", async () => {
  const zoe = await s.enter("zoe", { watch: ["ben", "metronome"] });
  const ben = await s.enter("ben");
  await zoe.saw("ben", "offline", "online");
  await ben.page.evaluate(() => addEventListener("pagehide", () => {
    navigator.sendBeacon("/", "ben is " + presence.status);
    void presence.signOut();
  }));
  await ben.page.evaluate(() => void setTimeout(() => location.assign("/elsewhere"), 0));
  await ben.page.waitForURL("**/elsewhere");
  await s.nodes.service("PUT", "/v1/presence/metronome/devices/tab", { activity: "online" }); // what comes after all that it could have told
  await zoe.until("later", () => zoe.states("metronome").at(-1) === "online");
  expect(zoe.states("ben")).toEqual(["offline", "online"]);
});
