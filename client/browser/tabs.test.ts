import { expect, it } from "vitest";
import { until } from "./stage/nodes.ts";
import { scene } from "./stage/scene.ts";

const s = scene(3, "--linger=1s");

it("takes three tabs for three devices, of which the most awake counts", async () => {
  const zoe = await s.enter("zoe", { watch: ["ada"] });
  await zoe.saw("ada", "offline");
  const awake = await s.enter("ada");
  const second = await s.enter("ada", { beside: awake, idleAfterMs: 1000 });
  const third = await s.enter("ada", { beside: awake, idleAfterMs: 1000 });
  await until("two of three devices are idle", async () => (await s.nodes.devices("ada")).map((d) => d.activity).sort().join() === "idle,idle,online");
  await zoe.saw("ada", "offline", "online");

  await awake.page.close();
  await zoe.saw("ada", "offline", "online", "idle");
  await second.page.evaluate(() => presence.signOut());
  await third.page.mouse.move(40, 50);
  await zoe.saw("ada", "offline", "online", "idle", "online", "idle");
  await third.page.evaluate(() => presence.signOut());
  await zoe.saw("ada", "offline", "online", "idle", "online", "idle", "offline");
});

it("wakes a browser's other tabs, once", async () => {
  const first = await s.enter("dave", { idleAfterMs: 1000 });
  const second = await s.enter("dave", { beside: first, idleAfterMs: 1000 });
  await second.saw("heartbeat", "idle");
  await first.page.mouse.move(40, 50);
  await second.saw("heartbeat", "idle", "online", "idle");
  await first.page.evaluate(() => presence.setBusy());
  await second.until("what comes later", () => second.states("self").at(-1) === "busy");
  await second.saw("heartbeat", "idle", "online", "idle");
});

it("gives a duplicated tab a device of its own", async () => {
  const ben = await s.enter("ben");
  await ben.saw("self", "online"); // else the reload may come first
  await ben.page.reload(); // from now on the device's id is one that was in the tab's storage, which is copied
  await ben.opened(2);
  const popup = ben.page.waitForEvent("popup");
  await ben.page.evaluate(() => { sessionStorage.setItem("copied", "yes"); window.open(location.href); });
  const twin = s.actor(await popup);
  await twin.saw("status", "open");
  expect(await twin.page.evaluate(() => sessionStorage.getItem("copied"))).toBe("yes");

  expect(await s.nodes.devices("ben")).toHaveLength(2);
  await twin.page.evaluate(() => presence.setBusy());
  await ben.saw("self", "online", "online", "busy");
  expect([ben, twin].map((a) => a.states("status").filter((status) => status === "open").length)).toEqual([2, 1]);
});

it("ends the fight of two tabs that have one device", async () => {
  const carl = await s.enter("carl");
  const id = await carl.page.evaluate(() => presence.deviceId);
  const popup = carl.page.waitForEvent("popup");
  await carl.page.evaluate((id) => { sessionStorage.setItem("presence.devices", JSON.stringify([id])); window.open(location.href); }, id);
  const twin = s.actor(await popup);
  await twin.saw("status", "open");
  await carl.saw("status", "open", "waiting", "connecting", "open");

  expect(await twin.page.evaluate(() => presence.deviceId)).toBe(id);
  expect((await s.nodes.devices("carl")).map((d) => d.device_id).sort()).toEqual([id, await carl.page.evaluate(() => presence.deviceId)].sort());
  await carl.page.evaluate(() => presence.setBusy());
  await twin.saw("self", "online", "busy");
  expect([carl.states("status").length, twin.states("status").length]).toEqual([4, 1]);
});
