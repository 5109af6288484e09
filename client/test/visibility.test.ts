import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connect, type ConnectOptions } from "../src/index.js";
import { withVisibility } from "../src/visibility.js";
import { Backend } from "./backend.js";
import { beginOpen, FakeSocket, settle } from "./fake.js";

let backend: Backend;
let url: string;

beforeEach(async () => {
  backend = new Backend();
  url = await backend.start();
});
afterEach(() => {
  backend.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Ada, with a connection or not. Pauses are short. */
function ada(options: Partial<ConnectOptions> = {}) {
  const quick = { reconnectMinMs: 1, reconnectMaxMs: 1 };
  return withVisibility(connect({ url, token: "ada", deviceId: "laptop", ...quick, WebSocket: FakeSocket, ...options }));
}

const busy = { code: "unavailable", detail: "no owner" };

it("blocks, unblocks and lists, beside the socket and with its token", async () => {
  const presence = ada();
  await presence.block("ben");
  await presence.block("a/b?c%2e#ü");
  expect(await presence.blocks()).toEqual(["a/b?c%2e#ü", "ben"]);
  await presence.unblock("ben");
  expect(await presence.blocks()).toEqual(["a/b?c%2e#ü"]);
  expect(backend.heard.slice(0, 2)).toEqual([
    "PUT /below/v1/participants/me/blocks/ben Bearer ada",
    "PUT /below/v1/participants/me/blocks/a%2Fb%3Fc%252e%23%C3%BC Bearer ada",
  ]);
  presence.close();
});

it("tells how visible one is, and changes only what is given", async () => {
  const presence = ada();
  expect(await presence.visibility()).toEqual({ default: "everyone", lastSeen: "coarse" });
  await presence.visibility({ default: "allowed" });
  await presence.visibility({ default: null, lastSeen: "hidden" });
  expect(backend.bodies).toEqual([{ default: "allowed" }, { default: null, last_seen: "hidden" }]);
  presence.close();
});

it("is the same connection, also when it is asked for twice", async () => {
  const presence = connect({ url, token: "ada", WebSocket: FakeSocket });
  const more = withVisibility(presence);
  const { block } = more;
  expect([more === presence, withVisibility(presence) === presence, more.block === block]).toEqual([true, true, true]);
  presence.close();
});

it("makes one call at a time, so that the later of two counts although the earlier failed at first", async () => {
  const presence = ada();
  backend.first.push([503, busy], [503, busy]);
  await Promise.all([presence.block("ben"), presence.unblock("ben"), presence.block("carl")]);
  const heard = backend.heard.map((line) => line.replace(/\/below.*\/| Bearer.*/g, ""));
  expect(heard).toEqual(["PUT ben", "PUT ben", "PUT ben", "DELETE ben", "PUT carl"]);
  expect([...backend.blocks]).toEqual(["carl"]);
  presence.close();
});

describe("what may pass is tried again", () => {
  it.each([
    ["`unavailable`", [503, busy]],
    ["`rate_limited`", [429, { code: "rate_limited", detail: "slowly" }]],
    ["a proxy's own page", [502, "<h1>bad gateway</h1>"]],
    ["a page where there should be no content", [200, "<h1>an app</h1>"]],
  ] as const)("%s", async (_, answer) => {
    const presence = ada();
    backend.first.push([...answer]);
    await presence.block("ben");
    expect([backend.heard.length, [...backend.blocks]]).toEqual([2, ["ben"]]);
    presence.close();
  });

  it("a list that is none", async () => {
    const presence = ada();
    backend.first.push([200, "<h1>an app</h1>"], [200, { blokcs: [] }], [204]);
    expect(await presence.blocks()).toEqual([]);
    expect(backend.heard).toHaveLength(4);
    presence.close();
  });

  it("a refused token of a function, with the next one", async () => {
    const token = vi.fn(() => `ada${token.mock.calls.length}`);
    const presence = ada({ token, paused: true });
    backend.first.push([401, { code: "unauthorized", detail: "expired" }]);
    await presence.block("ben");
    expect(backend.heard.map((line) => line.split(" ").at(-1))).toEqual(["ada1", "ada2"]);
    presence.close();
  });

  it("a token function that fails", async () => {
    const token = vi.fn(async () => "ada").mockRejectedValueOnce(new Error("no network"));
    const presence = ada({ token, paused: true });
    await presence.block("ben");
    expect(backend.heard).toHaveLength(1);
    presence.close();
  });
});

describe("what can't pass is refused in the server's words", () => {
  it.each([
    [400, "too_many_edges", "10000 exceptions are there already"],
    [401, "unauthorized", "the token is unknown"],
    [403, "forbidden", "not yours"],
    [404, "not_found", "there is no such call"],
  ])("%i %s", async (status, code, detail) => {
    const presence = ada();
    backend.first.push([status, { code, detail }]);
    await expect(presence.block("ben")).rejects.toMatchObject({ name: "PresenceError", code, message: detail });
    expect(backend.heard).toHaveLength(1);
    presence.close();
  });

  const ids = [["..", "address"], [".", "address"], ["", "bytes"], ["me", "bytes"], ["a b", "bytes"], ["\ud800", "bytes"]];
  it.each(ids)("an id such as %j is not sent", async (id, why) => {
    const presence = ada();
    const fault = { code: "invalid_id", message: expect.stringContaining(why!) };
    await expect(presence.unblock(id!)).rejects.toMatchObject(fault);
    expect(backend.heard).toEqual([]);
    presence.close();
  });

  it("more than 100 calls at once", async () => {
    const presence = ada();
    backend.first.push("hang");
    const calls = Array.from({ length: 101 }, (_, i) => presence.block(`p${i}`));
    await expect(calls[100]).rejects.toMatchObject({ code: "rate_limited" });
    presence.close();
    await expect(calls[99]).rejects.toMatchObject({ code: "closed" });
  });
});

it("ends what waits with the connection, and takes nothing afterwards", async () => {
  const presence = ada();
  backend.first.push("hang");
  const [first, second] = [presence.block("ben"), presence.block("carl")];
  await vi.waitFor(() => expect(backend.heard).toHaveLength(1), { timeout: 30_000 });
  presence.close();
  for (const call of [first, second, presence.block("dora"), presence.visibility()]) {
    await expect(call).rejects.toMatchObject({ code: "closed" });
  }
  expect(backend.heard).toHaveLength(1);
});

describe("after 15 s", () => {
  const begun = async (answer: () => Promise<Response>) => {
    vi.useFakeTimers();
    vi.spyOn(Math, "random").mockReturnValue(1);
    const fetched = vi.fn((_: string, { signal }: RequestInit) => {
      const abort = new Promise<never>((_, reject) => signal!.addEventListener("abort", () => reject(new Error("aborted"))));
      return Promise.race([answer(), abort]);
    });
    vi.stubGlobal("fetch", fetched);
    const { presence } = await beginOpen();
    return { presence: withVisibility(presence), fetched };
  };

  it.each([
    ["timeout", () => new Promise<never>(() => {})],
    ["connection", () => Promise.reject(new TypeError("Failed to fetch"))],
    ["unavailable", async () => new Response(JSON.stringify(busy), { status: 503 })],
  ] as const)("it is a %s, also for those that waited behind, and the next is free to go", async (code, answer) => {
    const { presence, fetched } = await begun(answer);
    const calls = [presence.block("ben"), presence.block("carl")];
    await vi.advanceTimersByTimeAsync(14_999);
    expect(await Promise.race([...calls, "pending"])).toBe("pending");
    await vi.advanceTimersByTimeAsync(1);
    await expect(calls[0]).rejects.toMatchObject({ code });
    await expect(calls[1]).rejects.toMatchObject({ name: "PresenceError" });
    void presence.block("dora");
    await settle();
    expect(fetched.mock.lastCall![0]).toMatch(/dora$/);
    presence.close();
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("an attempt that isn't answered for 7 s has made room for another, whose answer counts", async () => {
    const answers = [new Promise<never>(() => {}), Promise.resolve(new Response(null, { status: 204 }))];
    const { presence, fetched } = await begun(() => answers.shift()!);
    const call = presence.block("ben");
    await vi.advanceTimersByTimeAsync(6_999);
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(fetched.mock.lastCall![1].signal!.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(fetched.mock.lastCall![1].signal!.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(1_000); // the first pause is up to a second
    expect(fetched).toHaveBeenCalledTimes(2);
    await expect(call).resolves.toBeUndefined();
    presence.close();
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("an answer that has begun and doesn't end is given up like one that never came", async () => {
    const aborted = (): Promise<never> =>
      new Promise((_, reject) => fetched.mock.lastCall![1].signal!.addEventListener("abort", () => reject(new Error("aborted"))));
    const begunOnly = { status: 200, headers: new Headers(), json: aborted } as unknown as Response;
    const answers = [Promise.resolve(begunOnly), Promise.resolve(new Response(`{"blocks":["ben"]}`))];
    const { presence, fetched } = await begun(() => answers.shift()!);
    const call = presence.blocks();
    await vi.advanceTimersByTimeAsync(8_000);
    expect(fetched).toHaveBeenCalledTimes(2);
    await expect(call).resolves.toEqual(["ben"]);
    presence.close();
  });

  it("it has waited as long as the server asked for", async () => {
    const headers = { "Retry-After": "7" };
    const { presence, fetched } = await begun(async () => new Response(JSON.stringify(busy), { status: 503, headers }));
    const call = presence.block("ben");
    await vi.advanceTimersByTimeAsync(6_999);
    expect(fetched).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(8_001);
    expect(fetched).toHaveBeenCalledTimes(3);
    await expect(call).rejects.toMatchObject({ code: "unavailable" });
    presence.close();
  });
});
