import { expect, it } from "vitest";
import { hideable } from "./stage/hidden.ts";
import { scene } from "./stage/scene.ts";

// A deadline of 5 s, for which a socket that closes keeps its device: a page that loads anew must be back by then.
const s = scene(3, "--heartbeat-interval=2s", "--grace=1s");

const devices = async (id: string) => (await s.nodes.devices(id)).map((d) => d.device_id);

it("makes no event of a reload", async () => {
  const ada = await s.enter("ada");
  const zoe = await s.enter("zoe", { watch: ["ada"] });
  await zoe.saw("ada", "online");
  const before = await devices("ada");

  await ada.page.reload();
  await ada.opened(2);
  await ada.page.reload();
  await ada.opened(3);

  await ada.page.evaluate(() => presence.setBusy()); // what comes after all that may have come
  await zoe.saw("ada", "online", "busy");
  expect(await devices("ada")).toEqual(before);
});

it("keeps a hidden page whose timers are held from going offline", async () => {
  const zoe = await s.enter("zoe", { watch: ["ben", "metronome"] });
  const ben = await s.enter("ben", { before: hideable, idleAfterMs: 1000 });
  await zoe.saw("ben", "offline", "online", "idle");

  await ben.page.evaluate(() => { holdTimers(); hide(true); });
  await s.nodes.blink("metronome"); // whose only sign of life is later than the page's last
  await zoe.saw("metronome", "offline", "online", "offline");
  await zoe.saw("ben", "offline", "online", "idle");
  expect(await ben.page.evaluate(() => sentSince())).toBe(0); // the browser has answered pings, the page was silent

  const shown = await ben.page.evaluate(() => hide(false));
  const seen = await zoe.saw("ben", "offline", "online", "idle", "online");
  expect(seen - shown).toBeLessThan(1000);
  expect(ben.states("status")).toEqual(["open"]); // by the same socket
});

it("closes its socket for the back-forward cache, and opens another", async () => {
  const zoe = await s.enter("zoe", { watch: ["carl"] });
  await zoe.saw("carl", "offline");
  const carl = await s.enter("carl");
  await zoe.saw("carl", "offline", "online");
  const before = await devices("carl");

  await carl.page.evaluate(() => document.dispatchEvent(new Event("freeze")));
  await zoe.saw("carl", "offline", "online", "idle");
  await carl.page.evaluate(() => document.dispatchEvent(new Event("resume")));
  await zoe.saw("carl", "offline", "online", "idle", "online");
  await carl.saw("status", "open", "waiting", "connecting", "open"); // for a fresh snapshot

  await carl.page.evaluate(() => window.dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
  await carl.saw("status", "open", "waiting", "connecting", "open", "waiting");
  await carl.page.evaluate(() => window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  await carl.saw("status", "open", "waiting", "connecting", "open", "waiting", "connecting", "open");
  expect(await carl.page.evaluate(() => sockets.map((socket) => socket.readyState))).toEqual([3, 3, 1]);

  await carl.page.evaluate(() => presence.setBusy());
  await zoe.saw("carl", "offline", "online", "idle", "online", "busy");
  expect(await devices("carl")).toEqual(before);
});
