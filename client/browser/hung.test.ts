import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePorts } from "./stage/ports.ts";
import { scene } from "./stage/scene.ts";

// A browser makes one handshake after the other with a host. One that hangs holds up the others for 20 s in Firefox, for 240 s in Chromium.
const s = scene(1);
const browsersLimitMs = 20_000;

let door: Server;
let url: string;
const open = new Set<Socket>();

beforeAll(async () => {
  const [port] = (await freePorts(1)) as [number];
  let first = true;
  door = createServer((from) => {
    open.add(from.on("error", () => {}));
    if (first) return void (first = false); // it is never answered
    const to = connect(s.nodes.nodes[0]!.port, "127.0.0.1").on("error", () => from.destroy());
    open.add(to);
    from.pipe(to).pipe(from);
  });
  door.listen(port, "127.0.0.1");
  await once(door, "listening");
  url = `http://127.0.0.1:${port}`;
});
afterAll(() => {
  for (const socket of open) socket.destroy();
  door.close();
});

// 15 s: with the heavy checks alone.
it.runIf(process.env.PRESENCE_TOOLS === "full")("gives up a handshake that hangs before it holds up another tab for long", async () => {
  const window = await s.enter("zoe");
  const began = Date.now();
  const first = s.enter("ada", { server: url, beside: window });
  await once(door, "connection");
  await Promise.all([first, s.enter("ben", { server: url, beside: window })]);
  expect(Date.now() - began).toBeLessThan(browsersLimitMs);
});
