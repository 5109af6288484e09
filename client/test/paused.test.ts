// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { begin, beginOpen, FakeSocket, settle } from "./fake.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** All that makes a page that waits try again. */
async function happen(): Promise<void> {
  window.dispatchEvent(new Event("online"));
  document.dispatchEvent(new Event("visibilitychange"));
  document.dispatchEvent(new Event("resume"));
  window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  await vi.advanceTimersByTimeAsync(3_600_000);
}

it("a pause lasts until resume(), whatever happens to the page", async () => {
  const { presence } = await beginOpen();
  presence.pause();
  await happen();
  expect([FakeSocket.all.length, presence.waiting?.reason]).toEqual([1, "paused"]);
  presence.resume();
  await settle();
  expect(FakeSocket.all).toHaveLength(2);
  presence.close();
});

it("so does one from the beginning, in which no token is asked for", async () => {
  const token = vi.fn(() => "ada");
  const presence = await begin({ paused: true, token });
  await happen();
  expect([FakeSocket.all.length, token.mock.calls.length]).toEqual([0, 0]);
  presence.close();
});

it("noteAway() is idle until the next sign of life", async () => {
  const { presence, socket } = await beginOpen();
  presence.noteAway();
  window.dispatchEvent(new Event("keydown"));
  expect(socket.of("heartbeat").map(({ activity }) => activity)).toEqual(["idle", "online"]);
  presence.close();
});
