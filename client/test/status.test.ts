import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ConnectOptions } from "../src/index.js";
import { withStatus } from "../src/status.js";
import { begin, FakeSocket, settle } from "./fake.js";

beforeEach(() => void vi.useFakeTimers({ now: new Date("2026-11-28T09:00:00Z") }));
afterEach(() => void vi.useRealTimers());

/** Ada at a server that knows statuses, or one of before. */
async function ada(options: { features?: string[] } & Partial<ConnectOptions> = {}) {
  const { features = ["status"], ...rest } = options;
  const presence = withStatus(await begin(rest));
  FakeSocket.last.welcome("ada", features);
  await settle();
  return { presence, socket: FakeSocket.last };
}

async function again(features = ["status"]) {
  FakeSocket.last.hangUp();
  const sockets = FakeSocket.all.length;
  while (FakeSocket.all.length === sockets) await vi.advanceTimersByTimeAsync(100);
  FakeSocket.last.welcome("ada", features);
  await settle();
  return FakeSocket.last;
}

const train = { text: "On a train", emoji: "🚆", expires_at: "2026-11-28T17:00:00Z" };
const seen = { text: "On a train", emoji: "🚆", until: Date.parse("2026-11-28T17:00:00Z") };

describe("what one says of oneself", () => {
  it("goes with an end, without one, and is taken back", async () => {
    const { presence, socket } = await ada();
    const done = [presence.setStatus("On a train", { emoji: "🚆", for: 90.5 })];
    await settle();
    socket.say({ type: "ok", req: socket.of("status")[0].req });
    for (const set of [() => presence.setStatus("At lunch"), () => presence.setStatus("", { emoji: "🏖️", until: new Date("2026-12-24T00:00:00Z") }), () => presence.clearStatus()]) {
      done.push(set());
      socket.say({ type: "ok", req: socket.of("status").at(-1).req });
    }
    await Promise.all(done);
    expect(socket.of("status").map(({ status }) => status)).toEqual([
      { text: "On a train", emoji: "🚆", expires_in: 91 },
      { text: "At lunch", emoji: "" },
      { text: "", emoji: "🏖️", expires_at: "2026-12-24T00:00:00.000Z" },
      null,
    ]);
    presence.close();
  });

  it("is said again on the next connection, with what is left of its time, and only the latest", async () => {
    const { presence, socket } = await ada();
    const first = presence.setStatus("On a train", { for: 600 });
    await settle();
    expect(socket.of("status")[0].status.expires_in).toBe(600);
    socket.hangUp();
    const second = presence.setStatus("At lunch", { for: 60 });
    const endMs = Date.now() + 60_000;
    await vi.advanceTimersByTimeAsync(30_000);
    while (presence.status !== "connecting") await vi.advanceTimersByTimeAsync(100);
    const next = FakeSocket.last;
    next.welcome("ada", ["status"]);
    await settle();
    const [{ status, req }] = next.of("status");
    expect([next.of("status").length, status.text, status.expires_in]).toEqual([1, "At lunch", Math.ceil((endMs - Date.now()) / 1000)]);
    expect(status.expires_in).toBeLessThan(31);
    next.say({ type: "ok", req });
    await Promise.all([first, second]);
    await again();
    expect(FakeSocket.last.of("status")).toEqual([]);
    presence.close();
  });

  it("is not said any more once its time is over: it would be there for a second", async () => {
    const { presence, socket } = await ada();
    socket.hangUp();
    const calls = [presence.setStatus("Back in a minute", { for: 60 }), presence.setBusy({ for: 59.5 })].map((call) => call.catch(({ code }) => code));
    const later = presence.setStatus.bind(presence, "At lunch", { for: 3600 });
    await vi.advanceTimersByTimeAsync(60_000);
    const next = await again();
    expect([next.of("status"), next.of("override"), await Promise.all(calls)]).toEqual([[], [], ["timeout", "timeout"]]);
    const done = later();
    next.say({ type: "ok", req: next.of("status")[0].req });
    await done;
    presence.close();
  });

  it("is told once to a server that doesn't name it, and doesn't wait for days until all nodes know it", async () => {
    const { presence, socket } = await ada({ features: ["visibility"] });
    const refuse = async (type: string) => {
      await settle();
      socket.say({ type: "error", code: "unavailable", message: "not yet", req: socket.of(type).at(-1).req });
      await vi.advanceTimersByTimeAsync(3000);
    };
    for (const [type, ask] of [["status", () => presence.setStatus("x")], ["status", () => presence.clearStatus()], ["override", () => presence.setBusy({ for: 60 })]] as const) {
      const failed = expect(ask()).rejects.toMatchObject({ code: "unavailable" });
      await refuse(type);
      await failed;
    }
    expect([socket.of("status").length, socket.of("override").length]).toEqual([2, 1]);
    const busy = presence.setBusy(); // which every server knows
    await refuse("override");
    socket.say({ type: "ok", req: socket.of("override")[2].req });
    await busy;
    presence.close();
  });

  it("is refused in the server's words, and tried again when it may pass", async () => {
    const { presence, socket } = await ada();
    const call = presence.setStatus("x".repeat(300));
    socket.say({ type: "error", code: "bad_request", message: "text is longer than 256 bytes", req: socket.of("status")[0].req });
    await expect(call).rejects.toMatchObject({ name: "PresenceError", code: "bad_request" });
    const other = presence.clearStatus();
    socket.say({ type: "error", code: "unavailable", message: "no owner", req: socket.of("status")[1].req });
    await vi.advanceTimersByTimeAsync(3000);
    socket.say({ type: "ok", req: socket.of("status")[2].req });
    await other;
    presence.close();
    await expect(presence.setStatus("late")).rejects.toMatchObject({ code: "closed" });
  });

  it("is not said with an end that is none: it would stay for ever", async () => {
    const { presence, socket } = await ada();
    const both = { for: 60, until: new Date() };
    for (const end of [{ for: NaN }, { for: 0 }, { for: -5 }, { for: Infinity }, { until: NaN }, { until: new Date("soon") }, both]) {
      await expect(presence.setStatus("x", end)).rejects.toMatchObject({ code: "bad_request" });
      await expect(presence.setBusy(end)).rejects.toMatchObject({ code: "bad_request" });
    }
    await settle();
    expect(socket.sent.map(({ type }) => type)).toEqual(["hello"]);
    presence.close();
  });
});

it("picks with an end, and the later of two picks counts, with an end or without", async () => {
  const { presence, socket } = await ada();
  const done = presence.setBusy({ for: 30 * 60 });
  await settle();
  expect(socket.of("override")[0]).toMatchObject({ override: "busy", expires_in: 1800 });
  const later = [presence.appearOffline({ until: Date.parse("2026-11-28T10:00:00Z") }), presence.autoDetect()];
  await settle();
  expect(socket.of("override").slice(1)).toMatchObject([{ override: "appear_offline", expires_at: "2026-11-28T10:00:00.000Z" }, { override: "auto" }]);
  for (const overtaken of socket.of("override").slice(0, 2)) socket.say({ type: "ok", req: overtaken.req });
  expect(await Promise.race([done, ...later, Promise.resolve("pending")])).toBe("pending");
  socket.say({ type: "ok", req: socket.of("override")[2].req });
  await Promise.all([done, ...later]);
  presence.close();
});

it("knows one's own status, the end of what was picked, and claims", async () => {
  const { presence, socket } = await ada();
  const heard: unknown[] = [];
  const stop = presence.statuses.watchOwn((own) => heard.push(own));
  expect(presence.statuses.own).toEqual({ status: undefined, overrideUntil: Infinity, busy: [] });
  const self = { type: "self", state: "busy", override: "busy", override_expires_at: "2026-11-28T09:30:00Z" };
  for (let i = 0; i < 2; i++) socket.say({ ...self, status: { text: "", emoji: "🚆", expires_at: null }, busy: ["calendar"] });
  expect(presence.statuses.own).toBe(heard[0]);
  socket.say({ type: "self", state: "online", override: "auto" });
  stop();
  socket.say(self);
  expect(heard).toEqual([
    { status: { text: "", emoji: "🚆", until: Infinity }, overrideUntil: Date.parse("2026-11-28T09:30:00Z"), busy: ["calendar"] },
    { status: undefined, overrideUntil: Infinity, busy: [] },
  ]);
  presence.close();
});

describe("what others say", () => {
  it("comes with a snapshot, and with changes of those alone whose status changed", async () => {
    const { presence, socket } = await ada();
    const heard: unknown[] = [];
    presence.statuses.subscribe(["ben", "eve"], (id, status) => heard.push([id, status]));
    await settle();
    const [plain, more] = socket.of("subscribe");
    expect([plain, more]).toMatchObject([{ ids: ["ben", "eve"] }, { ids: ["ben", "eve"], with: ["status"] }]);
    expect(plain.with).toBeUndefined();
    socket.say({ type: "presence", states: { ben: "online", eve: "offline" }, req: plain.req });
    socket.say({ type: "presence", states: { ben: "online", eve: "offline" }, statuses: { ben: train }, req: more.req });
    expect([presence.statuses.get("ben"), presence.statuses.get("eve"), presence.getPresence("eve")]).toEqual([seen, undefined, "offline"]);
    socket.say({ type: "presence", states: { ben: "idle" } });
    socket.say({ type: "presence", states: {}, statuses: { eve: { text: "", emoji: "🏖️", expires_at: null } } });
    socket.say({ type: "presence", states: {}, statuses: { ben: null, carl: train } });
    const beach = { text: "", emoji: "🏖️", until: Infinity };
    expect(heard).toEqual([["ben", seen], ["eve", beach], ["ben", undefined]]);
    expect(presence.statuses.get("carl")).toBeUndefined();
    presence.close();
  });

  it("is asked for once however many watch it, and ends with the last of them, but not for who watches the state", async () => {
    const { presence, socket } = await ada();
    const states: string[] = [];
    const heard: unknown[] = [];
    const ends = [presence.statuses.subscribe("ben", () => {}), presence.statuses.subscribe("ben", (_, status) => heard.push(status))];
    await settle();
    socket.say({ type: "presence", states: { ben: "online" }, statuses: { ben: train }, req: socket.of("subscribe")[1].req });
    const late = vi.fn();
    ends.push(presence.statuses.subscribe("ben", late));
    expect(late.mock.calls).toEqual([["ben", seen]]);
    const stop = presence.subscribe("ben", (_, state) => states.push(state));
    await settle();
    expect(socket.of("subscribe")).toHaveLength(2);
    for (const end of ends) end();
    await settle();
    socket.say({ type: "presence", states: { ben: "busy" }, statuses: { ben: null } });
    expect([socket.of("unsubscribe"), states, heard, presence.statuses.get("ben")]).toEqual([[], ["online", "busy"], [seen], undefined]);
    stop();
    await settle();
    expect(socket.of("unsubscribe")).toHaveLength(1);
    presence.statuses.subscribe("ben", () => {});
    await settle();
    expect(socket.of("subscribe").slice(2)).toMatchObject([{ ids: ["ben"] }, { ids: ["ben"], with: ["status"] }]);
    presence.close();
  });

  it("is asked for anew on each connection, and stays meanwhile, for a minute", async () => {
    const { presence, socket } = await ada();
    const heard: unknown[] = [];
    presence.statuses.subscribe("ben", (_, status) => heard.push(status?.text));
    await settle();
    socket.say({ type: "presence", states: { ben: "online" }, statuses: { ben: train }, req: socket.of("subscribe")[1].req });
    const next = await again();
    expect(next.of("subscribe")).toMatchObject([{ ids: ["ben"] }, { with: ["status"] }]);
    next.say({ type: "presence", states: { ben: "online" }, req: next.of("subscribe")[0].req }); // without `with` it says nothing of statuses
    expect(heard).toEqual(["On a train"]);
    next.say({ type: "presence", states: { ben: "online" }, statuses: {}, req: next.of("subscribe")[1].req });
    next.say({ type: "presence", states: {}, statuses: { ben: train } });
    next.hangUp();
    await vi.advanceTimersByTimeAsync(59_000);
    expect(heard).toEqual(["On a train", undefined, "On a train"]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(heard.at(-1)).toBeUndefined();
    presence.close();
  });

  it("stays while the server can't tell, as the state does, until it can", async () => {
    const { presence, socket } = await ada();
    const heard: unknown[] = [];
    presence.statuses.subscribe(["ben", "eve", "gil"], (id, status) => heard.push([id, status?.text]));
    await settle();
    const both = { ben: train, eve: train };
    socket.say({ type: "presence", states: { ben: "online", eve: "online", gil: "idle" }, statuses: both, req: socket.of("subscribe")[1].req });
    heard.length = 0;
    const next = await again(); // because a node is gone, and what it owned isn't known for two seconds
    const states = { ben: "unknown", eve: "unknown", gil: "unknown" };
    for (const { req, with: more } of next.of("subscribe")) next.say({ type: "presence", states, ...(more && { statuses: {} }), req });
    expect([heard, presence.statuses.get("ben"), presence.getPresence("ben")]).toEqual([[], seen, "online"]);
    next.say({ type: "presence", states: { ben: "online", gil: "idle" } }); // it has none any more
    next.say({ type: "presence", states: { eve: "online" }, statuses: { eve: { text: "At lunch" } } });
    next.say({ type: "presence", states: { eve: "idle" } });
    expect(heard).toEqual([["ben", undefined], ["eve", "At lunch"]]);
    presence.close();
  });

  it("is asked of no server that doesn't know it, until one does", async () => {
    const { presence, socket } = await ada({ features: ["visibility"] });
    presence.statuses.subscribe("ben", () => {});
    await settle();
    expect(socket.of("subscribe").map((message) => message.with)).toEqual([undefined]);
    const next = await again();
    expect(next.of("subscribe").map((message) => message.with)).toEqual([undefined, ["status"]]);
    presence.close();
  });

  it("is asked for again when the server can't now, and a refusal is told", async () => {
    const { presence, socket } = await ada();
    const errors: string[] = [];
    presence.on("error", ({ code }) => errors.push(code));
    presence.statuses.subscribe(["ben", "not an id"], () => {});
    await settle();
    expect([errors, socket.of("subscribe").map(({ ids }) => ids)]).toEqual([["invalid_id"], [["ben"], ["ben"]]]);
    socket.say({ type: "error", code: "rate_limited", message: "slowly", req: socket.of("subscribe")[1].req });
    await vi.advanceTimersByTimeAsync(3000);
    socket.say({ type: "error", code: "too_many_ids", message: "5000 are watched", req: socket.of("subscribe")[2].req });
    await settle();
    expect([errors, socket.of("subscribe").length]).toEqual([["invalid_id", "too_many_ids"], 3]);
    presence.close();
  });

  it("is that of an id with a name of JavaScript's, too, and of a thousand at once", async () => {
    const { presence, socket } = await ada();
    const heard = vi.fn();
    const ids = ["__proto__", "constructor", ...Array.from({ length: 1500 }, (_, i) => `p${i}`)];
    presence.statuses.subscribe(ids, heard);
    await settle();
    const asked = socket.of("subscribe").filter((message) => message.with);
    expect(asked.map((message) => message.ids.length)).toEqual([1000, 502]);
    socket.onmessage?.({ data: `{"type":"presence","states":{},"statuses":{"__proto__":{"text":"hi"}},"req":"${asked[0].req}"}` });
    expect(heard.mock.calls).toEqual([["__proto__", { text: "hi", emoji: "", until: Infinity }]]);
    presence.close();
  });

  it("is over with the connection", async () => {
    const { presence, socket } = await ada();
    const heard: unknown[] = [];
    presence.statuses.subscribe("ben", (_, status) => heard.push(status));
    await settle();
    socket.say({ type: "presence", states: { ben: "online" }, statuses: { ben: train }, req: socket.of("subscribe")[1].req });
    presence.close();
    expect([heard, presence.statuses.get("ben")]).toEqual([[seen], undefined]);
    expect(presence.statuses.subscribe("eve", () => {})).toBeTypeOf("function");
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

it("is the same connection, also when it is asked for twice", async () => {
  const { presence } = await ada();
  const { statuses } = presence;
  expect([withStatus(presence) === presence, withStatus(presence).statuses === statuses]).toEqual([true, true]);
  presence.close();
});
