import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connect, type PresenceError, type Status } from "../src/index.js";
import { Line } from "../src/lib/line.js";
import { begin, beginOpen, FakeSocket, settle } from "./fake.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the end of an attempt is counted once", () => {
  const watched = async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    const presence = await begin();
    const statuses: Status[] = [];
    const errors: PresenceError[] = [];
    presence.on("status", (status) => statuses.push(status));
    presence.on("error", (error) => errors.push(error));
    return { presence, statuses, errors };
  };

  it.each([
    ["error alone, as in Node 20 and 22", (socket: FakeSocket) => socket.fail()],
    ["close alone", (socket: FakeSocket) => socket.hangUp()],
    ["both, as in browsers", (socket: FakeSocket) => (socket.fail(), socket.hangUp())],
    ["both twice, as in Node 24", (socket: FakeSocket) => (socket.fail(), socket.hangUp(), socket.fail(), socket.hangUp())],
  ])("%s", async (_, end) => {
    const { presence, statuses, errors } = await watched();
    end(FakeSocket.last);
    expect([statuses, errors.length, presence.waiting!.until - Date.now()]).toEqual([["waiting"], 1, 500]);
    await vi.advanceTimersByTimeAsync(500);
    expect([FakeSocket.all.length, presence.status]).toEqual([2, "connecting"]);
    presence.close();
  });

  it("by the socket's line itself, and not at all once it is hushed", () => {
    const ended = vi.fn();
    const events = { opened: () => {}, heard: () => {}, ended };
    new Line({ WebSocket: FakeSocket, address: "ws://server.test" }, events);
    FakeSocket.last.fail();
    FakeSocket.last.hangUp(4001);
    expect(ended.mock.calls).toEqual([[1006, ""]]);
    new Line({ WebSocket: FakeSocket, address: "ws://server.test" }, events).hush();
    FakeSocket.last.fail();
    FakeSocket.last.hangUp();
    expect(ended).toHaveBeenCalledTimes(1);
  });

  it("also when it is told inside of our own close()", async () => {
    class Chatty extends FakeSocket {
      override close(): void {
        for (let time = 0; time < 2; time++) {
          this.fail();
          this.hangUp();
        }
      }
    }
    const presence = await begin({ WebSocket: Chatty });
    await vi.advanceTimersByTimeAsync(15_000);
    expect([presence.status, FakeSocket.all.length]).toEqual(["waiting", 1]);
    const ends = vi.fn();
    presence.on("closed", ends);
    presence.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([ends.mock.calls.length, FakeSocket.all.length, vi.getTimerCount()]).toEqual([1, 1, 0]);
  });

  it("and an error of an open socket waits for the close that says why", async () => {
    const { presence, socket } = await beginOpen();
    socket.fail();
    expect(presence.status).toBe("open");
    socket.hangUp(4006);
    expect(presence.status).toBe("closed");
    const second = await beginOpen();
    second.socket.fail();
    await vi.advanceTimersByTimeAsync(1000);
    expect(second.presence.status).toBe("waiting");
    second.presence.close();
  });
});

it("a hello that makes no sense to the server is an error and the end", async () => {
  const presence = await begin({ deviceId: "a b" });
  const told: string[] = [];
  presence.on("error", (error) => told.push(`${error.code}: ${error.message}`));
  presence.on("closed", ({ reason }) => told.push(reason));
  FakeSocket.last.open();
  FakeSocket.last.say({ type: "error", code: "invalid_id", message: "device_id has a space" });
  expect([told, vi.getTimerCount()]).toEqual([["invalid_id: device_id has a space", "refused"], 0]);
});

describe("a move that was asked for", () => {
  it("is no failure, however often and however soon", async () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    const { presence } = await beginOpen();
    for (let restart = 0; restart < 5; restart++) {
      FakeSocket.last.say({ type: "reconnect", after_ms: 100 });
      await vi.advanceTimersByTimeAsync(100);
      FakeSocket.last.hangUp(); // it isn't back yet
      expect(presence.waiting!.until - Date.now()).toBe(1000);
      await vi.advanceTimersByTimeAsync(1000);
      FakeSocket.last.hangUp();
      expect(presence.waiting!.until - Date.now()).toBe(2000);
      await vi.advanceTimersByTimeAsync(2000);
      FakeSocket.last.welcome();
      await settle();
    }
    presence.close();
  });

  it("is followed at most every two seconds, where all who come are sent away at once", async () => {
    const { presence } = await beginOpen();
    for (let ms = 0; ms < 60_000; ms += 50) {
      if (FakeSocket.last.readyState === 0) FakeSocket.last.welcome();
      if (presence.status === "open") FakeSocket.last.say({ type: "reconnect", after_ms: 0 });
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(FakeSocket.all.length).toBeGreaterThan(25);
    expect(FakeSocket.all.length).toBeLessThan(33);
    presence.close();
  });

  it("is no failure either when the node hangs up without a word", async () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    const { presence } = await beginOpen();
    await vi.advanceTimersByTimeAsync(20_000);
    const waits: number[] = [];
    for (let restart = 0; restart < 4; restart++) {
      FakeSocket.last.hangUp(1001);
      waits.push(presence.waiting!.until - Date.now());
      expect(presence.waiting!.reason).toBe("moved");
      await vi.advanceTimersByTimeAsync(waits.at(-1)!);
      FakeSocket.last.welcome();
    }
    expect(waits).toEqual([0, 500, 500, 500]); // at once, then without haste, and never longer
    presence.close();
  });
});

describe("waiting", () => {
  it("says why and until when, within the bounds that were given", async () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    const presence = await begin({ reconnectMinMs: 200, reconnectMaxMs: 700 });
    const waits: [string, number][] = [];
    presence.on("status", () => presence.waiting && waits.push([presence.waiting.reason, presence.waiting.until - Date.now()]));
    for (let attempt = 0; attempt < 4; attempt++) {
      FakeSocket.last.hangUp();
      await vi.advanceTimersByTimeAsync(700);
    }
    expect(waits).toEqual([["connection", 200], ["connection", 400], ["connection", 700], ["connection", 700]]);
    FakeSocket.last.welcome();
    expect(presence.waiting).toBeUndefined();
    FakeSocket.last.hangUp(4008);
    expect(presence.waiting!.reason).toBe("refused");
    presence.close();
    expect(presence.waiting).toBeUndefined();
  });

  it("can be cut short, and lasts while it is paused", async () => {
    const { presence, socket } = await beginOpen();
    presence.pause();
    expect([socket.of("goodbye").length, socket.readyState, presence.waiting]).toEqual([1, 3, { reason: "paused", until: Infinity }]);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(FakeSocket.all).toHaveLength(1);
    presence.resume();
    await settle();
    FakeSocket.last.hangUp();
    presence.resume();
    await settle();
    expect(FakeSocket.all).toHaveLength(3);
    presence.close();
  });
});

it("names the origin that a server may refuse, where there is one", async () => {
  const message = async (href: string | undefined, welcomed = false): Promise<string> => {
    vi.stubGlobal("location", href && new URL(href));
    const presence = await begin();
    if (welcomed) {
      FakeSocket.last.welcome();
      FakeSocket.last.hangUp();
      await vi.advanceTimersByTimeAsync(1000);
    }
    const errors: PresenceError[] = [];
    presence.on("error", (error) => errors.push(error));
    for (let attempt = 0; attempt < 3; attempt++) {
      FakeSocket.last.hangUp();
      await vi.advanceTimersByTimeAsync(30_000);
    }
    presence.close();
    expect(errors).toHaveLength(1);
    return errors[0]!.message;
  };
  expect(await message("http://localhost:3000/app")).toBe(
    "ws://server.test/v1/ws: closed with code 1006: nothing is there, or its allowed-origins lacks http://localhost:3000",
  );
  expect(await message("http://localhost:3000/app", true)).toBe("ws://server.test/v1/ws: closed with code 1006");
  expect(await message("http://server.test/app")).toBe("ws://server.test/v1/ws: closed with code 1006");
  expect(await message(undefined)).toBe("ws://server.test/v1/ws: closed with code 1006");
});

it.each([
  [{ token: "" }, "token must be a string or a function"],
  [{ idleAfterMs: 0 }, "idleAfterMs must be above 0"],
  [{ reconnectMaxMs: -1 }, "reconnectMaxMs must be above 0"],
  [{ url: "nonsense" }, 'url "nonsense" must be an address such as https://example.com'],
  [{ url: "ftp://server.test" }, 'url "ftp://server.test" must be an address such as https://example.com'],
  [{ url: undefined }, "url is missing, and the page has none: it must be an address such as https://example.com"],
])("refuses %o", (options, fault) => {
  const all = { url: "http://server.test", token: "ada", WebSocket: FakeSocket, ...options } as Parameters<typeof connect>[0];
  expect(() => connect(all)).toThrow(new TypeError(fault));
});
