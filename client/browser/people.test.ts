import { it } from "vitest";
import { scene } from "./stage/scene.ts";

const s = scene(3);

it("shows two pages each other's states", async () => {
  const ada = await s.enter("ada", { watch: ["ben"] });
  await ada.saw("ben", "offline");
  const ben = await s.enter("ben", { watch: ["ada"] });
  await ben.saw("ada", "online");
  await ada.saw("ben", "offline", "online");
  await ben.page.evaluate(() => presence.signOut());
  await ada.saw("ben", "offline", "online", "offline");
});

it("becomes idle by itself, and comes back when the mouse moves", async () => {
  const zoe = await s.enter("zoe", { watch: ["carl"] });
  const carl = await s.enter("carl", { idleAfterMs: 1000 });
  await zoe.saw("carl", "offline", "online", "idle");
  await carl.page.mouse.move(40, 50);
  await zoe.saw("carl", "offline", "online", "idle", "online", "idle");
  await carl.saw("self", "online", "idle", "online", "idle");
});

it("shows who appears offline to those with a recent message, and to nobody else", async () => {
  await s.nodes.service("POST", "/v1/direct-messages", { direct_messages: [{ participants: ["dora", "friend"] }] });
  const dora = await s.enter("dora");
  const friend = await s.enter("friend", { watch: ["dora"] });
  const stranger = await s.enter("stranger", { watch: ["dora"] });

  await dora.page.evaluate(() => presence.setBusy());
  for (const viewer of [friend, stranger]) await viewer.saw("dora", "online", "busy"); // of two picks in a row only the later may be told
  await dora.page.evaluate(() => presence.appearOffline());
  await dora.saw("self", "online", "busy", "appear_offline");
  await friend.saw("dora", "online", "busy", "online");
  await stranger.saw("dora", "online", "busy", "offline");

  await s.nodes.service("POST", "/v1/direct-messages", { direct_messages: [{ participants: ["stranger", "dora"] }] });
  await stranger.saw("dora", "online", "busy", "offline", "online");

  await dora.page.evaluate(() => presence.autoDetect());
  await dora.saw("self", "online", "busy", "appear_offline", "online");
  await dora.page.evaluate(() => presence.signOut());
  await friend.saw("dora", "online", "busy", "online", "offline");
  await stranger.saw("dora", "online", "busy", "offline", "online", "offline");
});
