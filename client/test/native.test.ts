import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connect } from "../src/index.js";
import { connectApp } from "../src/react-native.js";
import { Answering, FakeSocket, settle } from "./fake.js";

// What there is in React Native: a window that is no target and has no address, no document, no crypto, no channels, no storage.
beforeEach(() => {
  vi.useFakeTimers();
  for (const name of ["document", "crypto", "BroadcastChannel", "TextEncoder", "atob"]) vi.stubGlobal(name, undefined);
  for (const name of ["location", "addEventListener"]) vi.stubGlobal(name, undefined);
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("navigator", { product: "ReactNative" });
  vi.stubGlobal("WebSocket", Answering);
  Object.defineProperty(globalThis, "sessionStorage", {
    configurable: true,
    get: () => {
      throw new Error("not here");
    },
  });
  FakeSocket.all = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  Reflect.deleteProperty(globalThis, "sessionStorage");
});

const options = { url: "https://presence.test", token: "ada" };

/** As `AppState` behaves. */
class FakeAppState {
  #listeners = new Set<(state: string) => void>();
  constructor(public currentState: string) {}

  addEventListener(_: "change", listener: (state: string) => void) {
    this.#listeners.add(listener);
    return { remove: () => this.#listeners.delete(listener) };
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  become(state: string): void {
    this.currentState = state;
    for (const listener of this.#listeners) listener(state);
  }
}

async function begin(currentState = "active") {
  const app = new FakeAppState(currentState);
  const presence = connectApp({ ...options, appState: app });
  await settle();
  return { app, presence };
}

describe("where there is no page", () => {
  it("connects, watches, and leaves nothing behind", async () => {
    const presence = connect(options);
    await settle();
    FakeSocket.last.welcome();
    const seen = vi.fn();
    presence.subscribe("ben", seen);
    await settle();
    FakeSocket.last.snapshot({ ben: "busy" });
    expect(FakeSocket.last.sent[0]).toEqual({ type: "hello", token: "ada", device_id: expect.stringMatching(/^web-[0-9a-f]{10,}$/), activity: "online" });
    expect(seen.mock.calls).toEqual([["ben", "busy"]]);
    await vi.advanceTimersByTimeAsync(20 * 60_000);
    expect(FakeSocket.all[0]!.of("heartbeat").every(({ activity }) => activity === "online")).toBe(true);
    presence.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("names the option that is missing", () => {
    expect(() => connect({ token: "ada" })).toThrow("url is missing");
    vi.stubGlobal("WebSocket", undefined);
    expect(() => connect(options)).toThrow("give the option WebSocket");
  });
});

describe("an app", () => {
  it("in the background is idle at once, and signed out after 20 s", async () => {
    const { app, presence } = await begin();
    FakeSocket.last.welcome();
    app.become("inactive");
    expect(FakeSocket.last.of("heartbeat")).toEqual([]);
    app.become("background");
    expect(FakeSocket.last.of("heartbeat")).toMatchObject([{ activity: "idle" }]);
    await vi.advanceTimersByTimeAsync(19_999);
    expect(FakeSocket.last.of("goodbye")).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect([FakeSocket.last.of("goodbye").length, FakeSocket.last.readyState, presence.waiting?.reason]).toEqual([1, 3, "paused"]);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(FakeSocket.all).toHaveLength(1);
    app.become("active");
    await settle();
    FakeSocket.last.welcome();
    expect([FakeSocket.all.length, FakeSocket.last.sent[0].activity]).toEqual([2, "online"]);
    presence.close();
    expect([vi.getTimerCount(), app.listeners]).toEqual([0, 0]);
  });

  it("that comes back within 20 s keeps its connection", async () => {
    const { app, presence } = await begin();
    FakeSocket.last.welcome();
    app.become("background");
    await vi.advanceTimersByTimeAsync(15_000);
    app.become("active");
    await vi.advanceTimersByTimeAsync(15_000);
    expect(FakeSocket.last.of("heartbeat").map(({ activity }) => activity).slice(0, 2)).toEqual(["idle", "online"]);
    expect([FakeSocket.all.length, presence.status]).toEqual([1, "open"]);
    presence.close();
  });

  it("is nobody when a silent push starts it, until it is seen", async () => {
    const token = vi.fn(() => "ada");
    const app = new FakeAppState("background");
    const presence = connectApp({ ...options, token, appState: app });
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect([FakeSocket.all.length, token.mock.calls.length, presence.waiting?.reason]).toEqual([0, 0, "paused"]);
    app.become("active");
    await settle();
    expect(FakeSocket.all).toHaveLength(1);
    presence.close();
  });

  it("is nobody when a silent push wakes it and its connection is found to be dead", async () => {
    for (const find of [() => FakeSocket.last.hangUp(), () => vi.advanceTimersByTimeAsync(20_000)]) {
      const { app, presence } = await begin();
      FakeSocket.last.welcome();
      app.become("background");
      const before = FakeSocket.all.length;
      vi.setSystemTime(Date.now() + 3_600_000); // suspended: no timer ran
      await find();
      await vi.advanceTimersByTimeAsync(60_000);
      expect([FakeSocket.all.length, presence.waiting?.reason]).toEqual([before, "paused"]);
      presence.close();
    }
  });
});
