import { it } from "vitest";
import { scene } from "./stage/scene.ts";

// A deadline of 8 s. A node's death is noticed within 2 s, the first new attempt comes within 1 s.
const s = scene(3, "--heartbeat-interval=3500ms", "--grace=1s");
const people = ["ada", "ben", "carl"];

it("lets nobody flicker when the node under the sockets is killed", async () => {
  const [first, second, third] = s.nodes.nodes;
  const actors = await Promise.all(people.map((id) => s.enter(id)));
  const near = await s.enter("near", { watch: people });
  const far = await s.enter("far", { watch: [...people, "metronome"], server: third!.url });
  for (const id of people) await Promise.all([near.saw(id, "online"), far.saw(id, "online")]);

  await first!.kill();
  for (const moved of [...actors, near]) {
    await moved.until("another node", () => moved.states("status").filter((status) => status === "open").length === 2);
  }
  await s.nodes.blink("metronome", second); // whose only sign of life is later than the last by the killed node
  await far.saw("metronome", "offline", "online", "offline");

  for (const actor of actors) await actor.page.evaluate(() => presence.setBusy());
  for (const id of people) await Promise.all([near.saw(id, "online", "busy"), far.saw(id, "online", "busy")]);
  for (const actor of actors) await actor.saw("self", "online", "busy");
});
