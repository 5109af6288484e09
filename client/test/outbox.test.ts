import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PresenceError } from "../src/index.js";
import { query } from "../src/query.js";
import { beginOpen, FakeSocket, settle } from "./fake.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function reconnected(socket: FakeSocket): Promise<FakeSocket> {
  vi.spyOn(Math, "random").mockReturnValue(0.1);
  socket.hangUp();
  await vi.advanceTimersByTimeAsync(1000);
  FakeSocket.last.welcome();
  await settle();
  return FakeSocket.last;
}

const many = (n: number, from = 0): string[] => Array.from({ length: n }, (_, i) => `p${from + i}`);

describe("subscriptions", () => {
  it("of ten components are one, in one message, until the last has gone", async () => {
    const { presence, socket } = await beginOpen();
    const stops = Array.from({ length: 10 }, () => presence.subscribe("ben", () => {}));
    presence.subscribe(["carl"], () => {});
    await settle();
    expect(socket.of("subscribe").map((m) => m.ids)).toEqual([["ben", "carl"]]);
    for (const stop of stops.slice(1)) stop();
    await settle();
    expect(socket.of("unsubscribe")).toEqual([]);
    stops[0]!();
    await settle();
    expect(socket.of("unsubscribe").map((m) => m.ids)).toEqual([["ben"]]);
    presence.close();
  });

  it("that come and go at once are not sent", async () => {
    const { presence, socket } = await beginOpen();
    presence.subscribe("ben", () => {})();
    await settle();
    expect(socket.sent).toHaveLength(1);
    presence.close();
  });

  it("tell each state once, also to those who come later", async () => {
    const { presence, socket } = await beginOpen();
    const first = vi.fn();
    const second = vi.fn();
    presence.subscribe("ben", first);
    await settle();
    socket.snapshot({ ben: "online" });
    presence.subscribe("ben", second);
    socket.say({ type: "presence", states: { ben: "online" } });
    socket.say({ type: "presence", states: { ben: "idle", stranger: "online" } });
    expect(first.mock.calls).toEqual([["ben", "online"], ["ben", "idle"]]);
    expect(second.mock.calls).toEqual(first.mock.calls);
    expect([presence.getPresence("ben"), presence.getPresence("stranger")]).toEqual(["idle", undefined]);
    presence.close();
  });

  it("are made again after a reconnect, which tells only differences", async () => {
    const { presence, socket } = await beginOpen();
    const seen = vi.fn();
    presence.subscribe(["ben", "carl", "dora"], seen);
    await settle();
    socket.snapshot({ ben: "online", carl: "busy", dora: "idle" });
    seen.mockClear();
    const next = await reconnected(socket);
    expect(next.of("subscribe").map((m) => m.ids)).toEqual([["ben", "carl", "dora"]]);
    next.snapshot({ ben: "online", carl: "offline", dora: "unknown" });
    expect(seen.mock.calls).toEqual([["carl", "offline"]]);
    presence.close();
  });

  it("become unknown when the connection stays lost", async () => {
    const { presence, socket } = await beginOpen({ staleAfterMs: 60_000 });
    presence.subscribe("ben", () => {});
    await settle();
    socket.snapshot({ ben: "online" });
    socket.hangUp();
    await vi.advanceTimersByTimeAsync(59_999);
    expect(presence.getPresence("ben")).toBe("online");
    await vi.advanceTimersByTimeAsync(1);
    expect(presence.getPresence("ben")).toBe("unknown");
    presence.close();
  });

  it("go out by the thousand, and stop at 5,000 with one clear error", async () => {
    const { presence, socket } = await beginOpen();
    const errors: PresenceError[] = [];
    presence.on("error", (error) => errors.push(error));
    const stop = presence.subscribe(many(5002), () => {});
    await settle();
    expect(socket.of("subscribe").map((m) => m.ids.length)).toEqual([1000, 1000, 1000, 1000, 1000]);
    expect(errors).toMatchObject([{ code: "too_many_ids", message: expect.stringContaining("2 not watched") }]);
    stop();
    presence.subscribe(many(1, 9000), () => {});
    await settle();
    expect(socket.sent.slice(6).map((m) => m.type)).toEqual([...Array(5).fill("unsubscribe"), "subscribe"]);
    presence.close();
  });

  it("with a bad id take the good ones", async () => {
    const { presence, socket } = await beginOpen();
    const error = vi.fn();
    presence.on("error", error);
    presence.subscribe(["ben", "a,b", "me", "", "x".repeat(129)], () => {});
    await settle();
    expect(socket.of("subscribe")[0].ids).toEqual(["ben"]);
    expect(error.mock.calls[0]![0]).toMatchObject({ code: "invalid_id", message: expect.stringContaining("a,b") });
    presence.close();
  });

  it("take ids of every script, up to 128 bytes, and no white space of any", async () => {
    const { presence, socket } = await beginOpen();
    presence.on("error", () => {});
    const good = ["\u{1f600}".repeat(32), "é".repeat(64), "a-b_c.d:e", "\u202ex"];
    const bad = ["\u{1f600}".repeat(32) + "x", "a\u00a0b", "a\u2003b", "a\u3000b", "a\u0085b", "a\u2028b", "\ud800", "a\x7f"];
    presence.subscribe([...good, ...bad], () => {});
    await settle();
    expect(socket.of("subscribe")[0].ids).toEqual(good);
    presence.close();
  });

  it("that come back before the server was told that they went keep their state", async () => {
    const { presence, socket } = await beginOpen();
    const stop = presence.subscribe("ben", () => {});
    await settle();
    socket.snapshot({ ben: "busy" });
    stop();
    const seen = vi.fn();
    const again = presence.subscribe("ben", seen);
    await settle();
    expect([seen.mock.calls, socket.of("unsubscribe")]).toEqual([[["ben", "busy"]], []]);
    again();
    await settle();
    expect([socket.of("unsubscribe").length, presence.getPresence("ben")]).toEqual([1, undefined]);
    presence.close();
  });

  it("survive a watcher that throws", async () => {
    const { presence, socket } = await beginOpen();
    const report = vi.spyOn(console, "error").mockImplementation(() => {});
    const seen = vi.fn();
    presence.subscribe("ben", () => {
      throw new Error("theirs");
    });
    presence.subscribe("ben", seen);
    await settle();
    socket.snapshot({ ben: "online" });
    expect([report.mock.calls.length, seen.mock.calls.length]).toEqual([1, 1]);
    presence.close();
  });
});

describe("an override", () => {
  it("is said again after a reconnect until it is acknowledged, the latest only", async () => {
    const { presence, socket } = await beginOpen();
    const done = vi.fn();
    void presence.setBusy().then(() => done("busy"));
    void presence.appearOffline().then(() => done("hidden"));
    const next = await reconnected(socket);
    expect(next.of("override")).toMatchObject([{ override: "appear_offline" }]);
    expect(done).not.toHaveBeenCalled();
    next.say({ type: "ok", req: next.of("override")[0].req });
    await settle();
    expect(done.mock.calls).toEqual([["busy"], ["hidden"]]);
    expect((await reconnected(next)).of("override")).toEqual([]);
    presence.close();
  });

  it("that was refused for the moment is repeated", async () => {
    const { presence, socket } = await beginOpen();
    void presence.setBusy();
    socket.say({ type: "error", code: "unavailable", message: "later", req: socket.of("override")[0].req });
    expect(socket.of("override")).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(socket.of("override")).toHaveLength(2);
    presence.close();
  });
});

describe("a query", () => {
  it("is asked again after a reconnect, and merged", async () => {
    const { presence, socket } = await beginOpen();
    const answer = query(presence, ["__proto__", ...many(1000)]);
    expect(socket.of("query").map((m) => m.ids.length)).toEqual([1000, 1]);
    const next = await reconnected(socket);
    for (const { ids, req } of next.of("query")) {
      next.say({ type: "result", req, states: Object.fromEntries(ids.map((id: string) => [id, "idle"])) });
    }
    expect(Object.keys(await answer)).toHaveLength(1001);
    presence.close();
  });

  it("is rejected in time, and at the end", async () => {
    const { presence } = await beginOpen();
    const late = expect(query(presence, "ben", { timeoutMs: 5000 })).rejects.toMatchObject({ code: "timeout" });
    await vi.advanceTimersByTimeAsync(5000);
    await late;
    const open = expect(query(presence, "ben")).rejects.toMatchObject({ code: "closed" });
    presence.close();
    await open;
    await expect(query(presence, "ben")).rejects.toMatchObject({ code: "closed" });
  });
});

it("keeps to the server's rate", async () => {
  const { presence, socket } = await beginOpen();
  for (let i = 0; i < 100; i++) void query(presence, `p${i}`);
  expect(socket.of("query")).toHaveLength(80);
  await vi.advanceTimersByTimeAsync(1000);
  expect(socket.of("query")).toHaveLength(96);
  presence.close();
});
