// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ActivityWatch } from "../src/lib/activity.js";
import { beginOpen, FakeSocket, settle } from "./fake.js";

class FakeChannel {
  static open = new Set<FakeChannel>();
  onmessage: ((event: { data: unknown }) => void) | null = null;
  constructor(readonly name: string) {
    FakeChannel.open.add(this);
  }
  postMessage(data: unknown): void {
    for (const other of FakeChannel.open) if (other !== this && other.name === this.name) other.onmessage?.({ data });
  }
  close(): void {
    FakeChannel.open.delete(this);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("BroadcastChannel", FakeChannel);
  FakeChannel.open.clear();
  sessionStorage.clear();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const minute = 60_000;

function watch(target = new EventTarget()) {
  const changed = vi.fn();
  return { target, changed, watch: new ActivityWatch({ target, idleAfterMs: 5 * minute, changed }) };
}

describe("activity", () => {
  it("ends after five minutes without a sign, and begins with any", () => {
    for (const sign of ["keydown", "pointerdown", "wheel", "scroll", "touchmove", "focus"]) {
      const w = watch();
      vi.advanceTimersByTime(4 * minute);
      w.target.dispatchEvent(new Event(sign));
      vi.advanceTimersByTime(5 * minute - 1);
      expect([w.watch.activity, w.changed.mock.calls.length]).toEqual(["online", 0]);
      vi.advanceTimersByTime(1);
      expect([w.watch.activity, w.changed.mock.calls.length]).toEqual(["idle", 1]);
      w.target.dispatchEvent(new Event(sign));
      expect([w.watch.activity, w.changed.mock.calls.length]).toEqual(["online", 2]);
      w.watch.stop();
    }
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is not a pointer that stands still while the page moves", () => {
    const w = watch();
    const move = (screenX: number): boolean => w.target.dispatchEvent(Object.assign(new Event("mousemove"), { screenX, screenY: 1 }));
    move(1);
    vi.advanceTimersByTime(5 * minute);
    move(1);
    expect(w.watch.activity).toBe("idle");
    move(2);
    expect(w.watch.activity).toBe("online");
    w.watch.stop();
  });

  it("is not a page that scrolls itself", () => {
    const w = watch();
    vi.advanceTimersByTime(5 * minute);
    const userActivation = { isActive: false };
    vi.stubGlobal("navigator", { userActivation });
    w.target.dispatchEvent(new Event("scroll"));
    expect(w.watch.activity).toBe("idle");
    userActivation.isActive = true;
    w.target.dispatchEvent(new Event("scroll"));
    expect(w.watch.activity).toBe("online");
    w.watch.stop();
  });

  it("is computed from the clock, however late the timer", () => {
    const w = watch();
    vi.setSystemTime(Date.now() + 8 * 60 * minute);
    expect(w.watch.activity).toBe("idle");
    w.watch.stop();
  });

  it("in one tab keeps the others of the same participant awake, and only those", () => {
    const [a, b, c] = [watch(), watch(), watch()];
    a.watch.share("ada");
    b.watch.share("ada");
    c.watch.share("ben");
    vi.advanceTimersByTime(4 * minute);
    a.target.dispatchEvent(new Event("keydown"));
    vi.advanceTimersByTime(2 * minute);
    expect([a, b, c].map((w) => w.watch.activity)).toEqual(["online", "online", "idle"]);
    vi.advanceTimersByTime(3 * minute);
    expect([a, b].map((w) => [w.watch.activity, w.changed.mock.calls.length])).toEqual([["idle", 1], ["idle", 1]]);
    b.target.dispatchEvent(new Event("keydown"));
    expect([a, b].map((w) => [w.watch.activity, w.changed.mock.calls.length])).toEqual([["online", 2], ["online", 2]]);
    for (const w of [a, b, c]) w.watch.stop();
    expect(FakeChannel.open.size).toBe(0);
  });
});

describe("a page", () => {
  it("publishes idle and back", async () => {
    const { presence, socket } = await beginOpen({ idleAfterMs: 5000 });
    await vi.advanceTimersByTimeAsync(5000);
    expect(socket.of("heartbeat")).toMatchObject([{ activity: "idle" }]);
    window.dispatchEvent(new Event("keydown"));
    expect(socket.of("heartbeat")).toMatchObject([{ activity: "idle" }, { activity: "online" }]);
    presence.close();
  });

  it("that freezes is idle until it resumes, and then takes a fresh snapshot", async () => {
    const { presence, socket } = await beginOpen();
    presence.subscribe("ben", () => {});
    document.dispatchEvent(new Event("freeze"));
    document.dispatchEvent(new Event("resume"));
    await settle();
    expect([socket.of("heartbeat").map((m) => m.activity), socket.readyState]).toEqual([["idle"], 3]);
    FakeSocket.last.welcome();
    await settle();
    expect(FakeSocket.last.sent).toMatchObject([{ type: "hello", activity: "online" }, { type: "subscribe", ids: ["ben"] }]);
    presence.close();
  });

  it("hangs up for the back-forward cache, and comes back with the same device", async () => {
    const { presence, socket } = await beginOpen({ deviceId: undefined as never });
    const device = presence.deviceId;
    window.dispatchEvent(new Event("pagehide"));
    document.dispatchEvent(new Event("freeze")); // as Chromium does to what it caches
    expect([socket.readyState, presence.status, FakeChannel.open.size]).toEqual([3, "waiting", 0]);
    document.dispatchEvent(new Event("resume"));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(FakeSocket.all).toHaveLength(1);
    window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    await settle();
    FakeSocket.last.welcome();
    expect(FakeSocket.last.sent[0]).toMatchObject({ device_id: device, activity: "online" });
    expect(FakeChannel.open.size).toBe(1);
    presence.close();
  });

  it("connects at once when the network is back, or it is seen again", async () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    const { presence, socket } = await beginOpen();
    socket.hangUp();
    window.dispatchEvent(new Event("online"));
    await settle();
    expect(FakeSocket.all).toHaveLength(2);
    FakeSocket.last.hangUp();
    document.dispatchEvent(new Event("visibilitychange"));
    await settle();
    expect(FakeSocket.all).toHaveLength(3);
    presence.close();
  });

  it("that is seen again finds out within seconds that its connection is dead", async () => {
    const { presence } = await beginOpen();
    document.dispatchEvent(new Event("visibilitychange"));
    await vi.advanceTimersByTimeAsync(3000);
    expect([presence.status, FakeSocket.all.length]).toEqual(["connecting", 2]);
    presence.close();
  });

  it("has a device that a copy of the tab doesn't share, and a reload does", async () => {
    const first = await beginOpen({ deviceId: undefined as never });
    const copy = await beginOpen({ deviceId: undefined as never }); // sees the same sessionStorage
    expect(copy.presence.deviceId).not.toBe(first.presence.deviceId);
    first.presence.close();
    const again = await beginOpen({ deviceId: undefined as never });
    expect(again.presence.deviceId).toBe(first.presence.deviceId);
    copy.presence.close();
    again.presence.close();
  });

  it("keeps no listener, timer or channel after close", async () => {
    const added = [vi.spyOn(window, "addEventListener"), vi.spyOn(document, "addEventListener")];
    const { presence, socket } = await beginOpen();
    const signals = added.flatMap((spy) => spy.mock.calls.map(([, , options]) => (options as AddEventListenerOptions).signal!));
    expect(signals.length).toBeGreaterThan(10);
    presence.close();
    expect(signals.every((signal) => signal.aborted)).toBe(true);
    expect([vi.getTimerCount(), FakeChannel.open.size, socket.readyState]).toEqual([0, 0, 3]);
  });
});
