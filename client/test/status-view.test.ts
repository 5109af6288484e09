// @vitest-environment happy-dom
import { act, createElement } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { PresenceProvider } from "../src/react.js";
import { PresenceStatus, useOwn, useStatus } from "../src/react-status.js";
import { definePresenceStatus, withStatus } from "../src/status.js";
import { Answering, begin, FakeSocket, settle } from "./fake.js";

beforeEach(() => void vi.useFakeTimers({ now: new Date(2026, 10, 28, 9) }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function ada() {
  const presence = withStatus(await begin({ WebSocket: Answering }));
  FakeSocket.last.welcome("ada", ["status"]);
  await settle();
  return { presence, socket: FakeSocket.last };
}

const at = (day: number, hour: number) => new Date(2026, 10, day, hour).toISOString();

/** What an element shows, part by part. */
function shown(element: Element): (string | null)[] {
  return [...element.shadowRoot!.querySelectorAll("[part]")].map((part) => part.textContent!.replace(/\s/g, " "));
}

it("<presence-status> shows emoji, text and until when, as text, while it can be seen", async () => {
  let look: (seen: boolean) => void = () => {};
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      constructor(report: (entries: { isIntersecting: boolean }[]) => void) {
        look = (isIntersecting) => report([{ isIntersecting }]);
      }
      observe(): void {}
      disconnect(): void {}
    },
  );
  const { presence, socket } = await ada();
  definePresenceStatus(presence, { locale: "en-US" });
  document.body.innerHTML = `<presence-status participant="ben"></presence-status>`;
  const element = document.querySelector("presence-status")!;
  await settle();
  expect([socket.of("subscribe").length, shown(element), element.title]).toEqual([0, ["", "", ""], ""]);
  look(true);
  await settle();
  const text = `<img src=x onerror="alert(1)">`;
  socket.say({ type: "presence", states: {}, statuses: { ben: { text, emoji: "<b>", expires_at: at(29, 15) } } });
  expect(shown(element)).toEqual(["<b>", text, "until tomorrow 3:00 PM"]);
  expect([element.shadowRoot!.querySelector("img"), element.hasAttribute("status")]).toEqual([null, true]);
  expect(element.title.replace(/\s/g, " ")).toBe(`\u2068<b>\u2069 \u2068${text}\u2069 \u2068until tomorrow 3:00 PM\u2069`); // each in its own direction
  expect(element.shadowRoot!.querySelector("[part=until]")!.getAttribute("lang")).toBe("en-US"); // whatever the page speaks
  vi.setSystemTime(new Date(2026, 10, 28, 23, 59, 59));
  await vi.advanceTimersByTimeAsync(15 * 3_600_000 + 2000); // midnight comes by the timer that was set in the morning
  expect(shown(element)[2]).toBe("until 3:00 PM");
  socket.say({ type: "presence", states: {}, statuses: { ben: null } });
  expect([shown(element), element.title, element.hasAttribute("status")]).toEqual([["", "", ""], "", false]);
  element.setAttribute("participant", "carl");
  await settle();
  expect([socket.of("unsubscribe").at(-1).ids, socket.of("subscribe").at(-1)]).toMatchObject([["ben"], { ids: ["carl"], with: ["status"] }]);
  element.remove();
  await settle();
  expect(socket.of("unsubscribe").at(-1).ids).toEqual(["carl"]);
  presence.close();
});

it("useStatus, useOwn and <PresenceStatus> render each change, and stop watching when unmounted", async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.stubGlobal("IntersectionObserver", undefined);
  const { presence, socket } = await ada();
  const Line = () => `${useStatus("ben")?.text ?? "-"} ${useOwn().busy}`;
  const box = document.body.appendChild(document.createElement("div"));
  const root = createRoot(box);
  const page = createElement(PresenceProvider, { presence }, createElement(Line), createElement(PresenceStatus, { id: "ben", className: "small" }));
  act(() => root.render(page));
  await settle();
  const [, asked] = socket.of("subscribe");
  expect([box.textContent, asked]).toMatchObject(["- ", { ids: ["ben"], with: ["status"] }]);
  act(() => {
    socket.say({ type: "presence", states: { ben: "online" }, statuses: { ben: { text: "At lunch", emoji: "🍝", expires_at: null } }, req: asked.req });
    socket.say({ type: "self", state: "busy", override: "auto", busy: ["calendar", "call"] });
  });
  const element = box.querySelector("presence-status")!;
  expect([box.textContent, shown(element), element.getAttribute("class")]).toEqual(["At lunch calendar,call", ["🍝", "At lunch", ""], "small"]);
  act(() => root.unmount());
  await settle();
  expect(socket.of("unsubscribe").map(({ ids }) => ids)).toEqual([["ben"]]);
  presence.close();
});
