import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Closed, PresenceError } from "../src/index.js";
import { fresh, renewIn } from "../src/token.js";
import { Answering, begin, beginOpen, FakeSocket, settle } from "./fake.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const minute = 60_000;

const jwt = (claims: object): string => `h.${btoa(JSON.stringify(claims))}.s`;
const now = (): number => Math.floor(Date.now() / 1000);

describe("a token function whose token is refused", () => {
  it.each([
    [4001, "before the welcome", false],
    [4002, "before the welcome", false],
    [4001, "after the welcome", true],
    [4002, "after the welcome", true],
  ])("with %i %s is asked again, as often as it takes", async (code, _, welcomed) => {
    const token = vi.fn(() => `ada${token.mock.calls.length}`);
    const presence = await begin({ token });
    const ends: Closed[] = [];
    presence.on("closed", (closed) => ends.push(closed));
    for (let refused = 1; refused <= 30; refused++) {
      FakeSocket.last.open();
      if (welcomed) FakeSocket.last.welcome();
      else FakeSocket.last.say({ type: "error", code: "unauthorized", message: "unknown kid" });
      FakeSocket.last.hangUp(code);
      const waitMs = presence.waiting!.until - Date.now();
      expect([presence.waiting!.reason, waitMs <= 30_000]).toEqual(["token", true]);
      await vi.advanceTimersByTimeAsync(waitMs);
      expect(token).toHaveBeenCalledTimes(refused + 1);
    }
    FakeSocket.last.welcome();
    expect([ends, presence.status]).toEqual([[], "open"]);
    presence.close();
  });

  it("is asked at most once in 15 s in the long run, and says so once", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    const token = vi.fn(() => "same");
    const presence = await begin({ token });
    const errors: PresenceError[] = [];
    presence.on("error", (error) => errors.push(error));
    const refuse = (): void => FakeSocket.all.filter((socket) => socket.readyState < 2).forEach((socket) => socket.hangUp(4002));
    for (let second = 0; second < 600; second++) {
      refuse();
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(token.mock.calls.length).toBeLessThan(8 + 600 / 15);
    expect(errors.map((error) => [error.code, error.message])).toEqual([["token", expect.stringContaining("refused the token")]]);
    presence.close();
  });

  it("gets a new one at once when the last one has expired", async () => {
    const { presence, socket } = await beginOpen({ token: () => "ada" });
    const errors = vi.fn();
    presence.on("error", errors);
    await vi.advanceTimersByTimeAsync(20_000);
    socket.hangUp(4002);
    await settle();
    expect([FakeSocket.all.length, errors.mock.calls]).toEqual([2, []]);
    presence.close();
  });

  it("is asked again also when the server says no and doesn't hang up", async () => {
    const presence = await begin({ token: () => "ada" });
    FakeSocket.last.open();
    FakeSocket.last.say({ type: "error", code: "unauthorized", message: "unknown kid" });
    await vi.advanceTimersByTimeAsync(15_000);
    expect([presence.waiting?.reason, FakeSocket.last.readyState]).toEqual(["token", 3]);
    presence.close();
  });
});

it.each([
  [4001, "unauthorized"],
  [4002, "token_expired"],
])("a fixed token that is refused with %i is the end", async (code, reason) => {
  const presence = await begin();
  const ends: Closed[] = [];
  presence.on("closed", (closed) => ends.push(closed));
  FakeSocket.last.open();
  FakeSocket.last.say({ type: "error", code: "unauthorized", message: "no" });
  FakeSocket.last.hangUp(code);
  await vi.advanceTimersByTimeAsync(minute);
  expect(ends).toEqual([{ reason, code, message: "no" }]);
  expect([FakeSocket.all.length, vi.getTimerCount()]).toEqual([1, 0]);
});

it("a token that can't be had is an error event, and another attempt", async () => {
  const token = vi.fn(async () => "ada").mockRejectedValueOnce(new Error("no network"));
  const presence = await begin({ token });
  const waiting = presence.waiting!;
  expect([waiting.reason, waiting.until - Date.now()]).toEqual(["token", expect.closeTo(750, -3)]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(FakeSocket.all).toHaveLength(1);
  presence.close();
});

it("`unavailable` to a hello is no refusal, also for a fixed token", async () => {
  const presence = await begin();
  const errors: PresenceError[] = [];
  presence.on("error", (error) => errors.push(error));
  for (let attempt = 0; attempt < 3; attempt++) {
    FakeSocket.last.open();
    FakeSocket.last.say({ type: "error", code: "unavailable", message: "fetching keys" });
    expect([presence.status, presence.waiting?.reason, FakeSocket.last.readyState]).toEqual(["waiting", "refused", 3]);
    await vi.advanceTimersByTimeAsync(5000);
  }
  FakeSocket.last.welcome();
  expect([presence.status, errors.map((error) => error.code)]).toEqual(["open", ["unavailable"]]);
  presence.close();
});

describe("fresh", () => {
  it("has the next token before the last one expires, counted from when it came", async () => {
    for (const skewMs of [0, 60 * minute, -60 * minute]) {
      const token = vi.fn(() => jwt({ iat: now() - skewMs / 1000, exp: now() - skewMs / 1000 + 300, n: token.mock.calls.length }));
      const { presence } = await beginOpen({ token: fresh(token), WebSocket: Answering });
      await vi.advanceTimersByTimeAsync(4 * minute - 1);
      expect(token).toHaveBeenCalledTimes(1);
      await vi.advanceTimersByTimeAsync(1);
      expect(token).toHaveBeenCalledTimes(2);
      expect(FakeSocket.last.of("auth")).toMatchObject([{ token: token.mock.results[1]!.value }]);
      presence.close();
    }
  });

  it("is not asked once a second by a clock that is fast by more than a token's life, nor for a function that gives the old one", async () => {
    const made = [() => jwt({ exp: now() - 600, n: Math.random() }), () => jwt({ exp: now() + 2, n: Math.random() }), () => jwt({ iat: 1, exp: 6 })];
    for (const make of made) {
      const token = vi.fn(make);
      const { presence } = await beginOpen({ token: fresh(token), WebSocket: Answering });
      await vi.advanceTimersByTimeAsync(60 * minute);
      expect([presence.status, FakeSocket.all.length]).toEqual(["open", 1]);
      expect(token.mock.calls.length).toBeLessThan(25);
      presence.close();
    }
  });

  it("sends a token again that the server couldn't check for the moment", async () => {
    const { presence, socket } = await beginOpen({ token: fresh(() => jwt({ iat: now(), exp: now() + 25 })) });
    await vi.advanceTimersByTimeAsync(20_000);
    const [sent] = socket.of("auth");
    socket.say({ type: "error", code: "unavailable", message: "fetching keys", req: sent.req });
    await vi.advanceTimersByTimeAsync(2000);
    expect(socket.of("auth").map((message) => message.token)).toEqual([sent.token, sent.token]);
    presence.close();
  });

  it("knows nothing of what isn't a JWT, and stops with the connection", async () => {
    const token = vi.fn(() => "ada");
    const { presence } = await beginOpen({ token: fresh(token) });
    presence.close();
    await vi.advanceTimersByTimeAsync(60 * minute);
    expect([token.mock.calls.length, vi.getTimerCount()]).toEqual([1, 0]);
  });

  it("waits longer after each ask in vain, up to five minutes", () => {
    expect([0, 1, 2, 3, 20].map((vain) => renewIn(-5, vain))).toEqual([1000, 1000, 2000, 4000, 300_000]);
    expect([renewIn(300_000, 0), renewIn(10_000, 0), renewIn(Number.MAX_VALUE, 0)]).toEqual([240_000, 8000, 2 ** 31 - 1]);
  });
});
