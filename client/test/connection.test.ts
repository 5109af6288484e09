import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Closed, PresenceError } from "../src/index.js";
import { backoff } from "../src/lib/backoff.js";
import { begin, beginOpen, FakeSocket, settle } from "./fake.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("backoff", () => {
  it("is any time between nothing and a ceiling that doubles up to 30 s", () => {
    const bounds = { reconnectMinMs: 1000, reconnectMaxMs: 30_000 };
    expect([0, 1, 2, 5, 5000].map((attempt) => backoff(attempt, bounds, 0, 1))).toEqual([1000, 2000, 4000, 30_000, 30_000]);
    expect([backoff(5, bounds, 0, 0), backoff(5, bounds, 0.5, 0)]).toEqual([0, 15_000]);
  });
});

describe("connecting", () => {
  it("says hello with token, device and activity", async () => {
    const presence = await begin();
    FakeSocket.last.open();
    expect(FakeSocket.last.url).toBe("ws://server.test/v1/ws");
    expect(FakeSocket.last.sent).toEqual([{ type: "hello", token: "ada", device_id: "laptop", activity: "online" }]);
    expect(presence.status).toBe("connecting");
    FakeSocket.last.welcome();
    expect([presence.status, presence.participantId]).toEqual(["open", "ada"]);
  });

  it("gives up an attempt that isn't welcomed, and tries again", async () => {
    const presence = await begin();
    const errors: PresenceError[] = [];
    presence.on("error", (error) => errors.push(error));
    FakeSocket.last.open();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(presence.status).toBe("waiting");
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakeSocket.all).toHaveLength(2);
    expect(errors.map((error) => error.code)).toEqual(["connection"]);
  });

  it.each([
    [1000, "signed_out"],
    [4001, "unauthorized"],
    [4002, "token_expired"],
    [4004, "refused"],
    [4006, "replaced"],
  ])("does not come back after %i", async (code, reason) => {
    const { presence, socket } = await beginOpen();
    const ends: Closed[] = [];
    presence.on("closed", (closed) => ends.push(closed));
    socket.hangUp(code);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(ends).toMatchObject([{ reason, code }]);
    expect([presence.status, FakeSocket.all.length]).toEqual(["closed", 1]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([1006, 4003, 4005, 4008])("comes back after %i", async (code) => {
    const { presence, socket } = await beginOpen();
    socket.hangUp(code);
    expect(presence.status).toBe("waiting");
    await vi.advanceTimersByTimeAsync(30_000);
    expect(FakeSocket.all.length).toBeGreaterThan(1);
    presence.close();
  });

  it("leaves a leaving node after after_ms, and lets the node hang up", async () => {
    const { presence, socket } = await beginOpen();
    socket.say({ type: "reconnect", after_ms: 700 });
    await vi.advanceTimersByTimeAsync(699);
    expect(FakeSocket.all).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect([FakeSocket.all.length, socket.readyState]).toEqual([2, 1]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(socket.readyState).toBe(3);
    presence.close();
  });

  it("knows the features that the latest welcome names, by the time it is open", async () => {
    const { presence } = await beginOpen();
    const seen: (readonly string[])[] = [presence.features];
    presence.on("status", (status) => status === "open" && seen.push(presence.features));
    for (const features of [["status", "visibility"], undefined]) {
      FakeSocket.last.say({ type: "reconnect", after_ms: 2000 });
      await vi.advanceTimersByTimeAsync(2000);
      FakeSocket.last.open();
      const welcome = { type: "welcome", participant_id: "ada", heartbeat_interval_ms: 30_000, node: "n1" };
      FakeSocket.last.say({ ...welcome, features });
    }
    expect(seen).toEqual([[], ["status", "visibility"], []]);
    presence.close();
  });

  it("tells of no failure while the only node restarts, until that takes too long", async () => {
    const { presence, socket } = await beginOpen();
    const errors: PresenceError[] = [];
    presence.on("error", (error) => errors.push(error));
    socket.say({ type: "reconnect", after_ms: 0 });
    for (let ms = 0; ms < 60_000; ms += 100) {
      await vi.advanceTimersByTimeAsync(100);
      if (ms < 9_000) expect(errors).toEqual([]);
      if (FakeSocket.last.readyState < 2) FakeSocket.last.hangUp(1006); // 503
    }
    expect(errors.map((error) => error.code)).toEqual(["connection"]);
    presence.close();
  });

  it("takes another name of its own when another tab has it, once", async () => {
    const { presence, socket } = await beginOpen({ deviceId: undefined as never });
    const before = presence.deviceId;
    socket.hangUp(4006);
    await settle();
    expect(FakeSocket.all).toHaveLength(2);
    expect(presence.deviceId).not.toBe(before);
    FakeSocket.last.welcome();
    FakeSocket.last.hangUp(4006);
    expect(presence.status).toBe("closed");
  });
});

describe("the pulse", () => {
  it("beats each interval, and gives up a server that doesn't answer", async () => {
    const { presence, socket } = await beginOpen();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(socket.of("heartbeat")).toMatchObject([{ activity: "online" }]);
    socket.say({ type: "ok", req: socket.of("heartbeat")[0].req });
    await vi.advanceTimersByTimeAsync(30_000);
    expect(presence.status).toBe("open");
    await vi.advanceTimersByTimeAsync(10_000);
    expect([presence.status, FakeSocket.all.length]).toEqual(["connecting", 2]);
    presence.close();
  });

  it("asks once more when its own timer was held back", async () => {
    const { presence, socket } = await beginOpen();
    await vi.advanceTimersByTimeAsync(30_000);
    vi.setSystemTime(Date.now() + 3_600_000); // asleep
    await vi.advanceTimersByTimeAsync(10_000);
    expect([presence.status, socket.of("heartbeat").length]).toEqual(["open", 2]);
    presence.close();
  });

  it("of a watcher is a question, never a heartbeat", async () => {
    const { presence, socket } = await beginOpen({ deviceId: null });
    await vi.advanceTimersByTimeAsync(30_000);
    expect(socket.sent.slice(1)).toMatchObject([{ type: "query", ids: ["ada"] }]);
    expect(socket.sent[0]).toEqual({ type: "hello", token: "ada" });
    presence.close();
  });
});

it("signs out with a goodbye, and doesn't wait for ever", async () => {
  const { presence, socket } = await beginOpen();
  const done = presence.signOut();
  expect(socket.of("goodbye")).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(3000);
  await done;
  expect([presence.status, vi.getTimerCount()]).toEqual(["closed", 0]);
});

it("does not come back when the connection breaks after the goodbye", async () => {
  const { presence, socket } = await beginOpen();
  const done = presence.signOut();
  socket.hangUp(1006);
  await done;
  expect([presence.status, vi.getTimerCount()]).toEqual(["closed", 0]);
});
