// @vitest-environment happy-dom
import { act, createElement } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { definePresenceDot } from "../src/element.js";
import { PresenceDot, PresenceProvider, useFeatures, useOthers, usePresence, useSelf, useStatus } from "../src/react.js";
import type { State } from "../src/index.js";
import { beginOpen, FakeSocket, settle } from "./fake.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("usePresence renders each state, and stops watching when unmounted", async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  const { presence, socket } = await beginOpen();
  const Line = () => createElement("p", null, usePresence("ben"), " ", useSelf()?.override);
  const box = document.createElement("div");
  const root = createRoot(box);
  act(() => root.render(createElement(PresenceProvider, { presence }, createElement(Line), createElement(Line))));
  await settle();
  expect([box.textContent, socket.of("subscribe").map((m) => m.ids)]).toEqual(["unknown unknown ", [["ben"]]]);
  act(() => {
    socket.snapshot({ ben: "busy" });
    socket.say({ type: "self", state: "online", override: "auto" });
  });
  expect(box.textContent).toBe("busy autobusy auto");
  act(() => root.unmount());
  await settle();
  expect(socket.of("unsubscribe")).toHaveLength(1);
  presence.close();
});

it("<presence-dot> says its state in words, and watches only while it can be seen", async () => {
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
  const { presence, socket } = await beginOpen();
  definePresenceDot(presence, { labels: { busy: "beschäftigt" } });
  document.body.innerHTML = `<presence-dot participant="ben" name="Ben"></presence-dot>`;
  const dot = document.querySelector("presence-dot")!;
  await settle();
  expect([socket.of("subscribe").length, dot.getAttribute("aria-label")]).toEqual([0, "Ben: not known"]);
  look(true);
  await settle();
  socket.snapshot({ ben: "busy" });
  expect(["role", "aria-label", "state"].map((name) => dot.getAttribute(name))).toEqual(["img", "Ben: beschäftigt", "busy"]);
  look(false);
  await settle();
  expect(socket.of("unsubscribe")).toHaveLength(1);
  dot.setAttribute("participant", "carl");
  look(true);
  await settle();
  expect(socket.of("subscribe").at(-1).ids).toEqual(["carl"]);
  dot.remove();
  await settle();
  expect(socket.of("unsubscribe").at(-1).ids).toEqual(["carl"]);
  presence.close();
});

it("useOthers renders a list once for all that changes at once, and a selection only when it changes", async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  const { presence, socket } = await beginOpen();
  const people = Array.from({ length: 100 }, (_, i) => `p${i}`);
  const rendered = { list: 0, count: 0, awake: 0 };
  const List = () => {
    rendered.list++;
    return createElement("p", null, Object.values(useOthers([...people])).join(" "));
  };
  const Count = () => {
    rendered.count++;
    return createElement("b", null, useOthers([...people], (states) => Object.values(states).filter((state) => state === "online").length));
  };
  const Awake = () => {
    rendered.awake++;
    return createElement("i", null, useOthers([...people], (states) => people.filter((id) => states[id] === "online")).join());
  };
  const box = document.createElement("div");
  const root = createRoot(box);
  act(() => root.render(createElement(PresenceProvider, { presence }, createElement(List), createElement(Count), createElement(Awake))));
  await settle();
  expect(socket.of("subscribe").map((m) => m.ids)).toEqual([people]);
  const before = { ...rendered };
  const looks = vi.spyOn(presence, "getPresence");
  const tell = (states: Record<string, State>) => act(async () => socket.say({ type: "presence", states }));
  await tell(Object.fromEntries(people.map((id) => [id, "offline"])));
  expect(looks.mock.calls.length).toBeLessThan(1000); // and not the whole list for each of 100 people
  await tell({ p1: "online", p2: "busy" });
  await tell({ p2: "idle", p3: "idle" });
  expect([box.querySelector("b")!.textContent, box.querySelector("i")!.textContent]).toEqual(["1", "p1"]);
  expect(box.querySelector("p")!.textContent).toMatch(/^offline online idle idle offline/);
  expect([rendered.list - before.list, rendered.count - before.count, rendered.awake - before.awake]).toEqual([3, 1, 1]);
  act(() => root.unmount());
  await settle();
  expect(socket.of("unsubscribe").map((m) => m.ids.length)).toEqual([100]);
  presence.close();
});

it("<PresenceDot> is the element, with the nearest connection", async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.stubGlobal("IntersectionObserver", undefined);
  const { presence, socket } = await beginOpen();
  const box = document.body.appendChild(document.createElement("div"));
  const root = createRoot(box);
  const Page = ({ id }: { id: string }) => createElement(PresenceProvider, { presence }, createElement(PresenceDot, { id, name: "Ben", className: "big" }));
  act(() => root.render(createElement(Page, { id: "ben" })));
  await settle();
  socket.snapshot({ ben: "idle" });
  const dot = box.querySelector("presence-dot")!;
  const shown = () => ["class", "role", "state", "aria-label"].map((name) => dot.getAttribute(name));
  expect(dot.shadowRoot).not.toBeNull();
  expect(shown()).toEqual(["big", "img", "idle", "Ben: idle"]);
  act(() => root.render(createElement(Page, { id: "carl" })));
  await settle();
  expect(socket.of("subscribe").at(-1).ids).toEqual(["carl"]);
  act(() => root.unmount());
  presence.close();
});

it("useStatus and useFeatures render the connection's", async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  const { presence, socket } = await beginOpen();
  const Line = () => `${useStatus()} ${useFeatures()}`;
  const box = document.createElement("div");
  const root = createRoot(box);
  act(() => root.render(createElement(PresenceProvider, { presence }, createElement(Line))));
  expect(box.textContent).toBe("open ");
  act(() => socket.hangUp());
  expect(box.textContent).toBe("waiting ");
  await act(async () => presence.resume());
  act(() => {
    FakeSocket.last.open();
    const welcome = { type: "welcome", participant_id: "ada", heartbeat_interval_ms: 30_000, node: "n1" };
    FakeSocket.last.say({ ...welcome, features: ["visibility"] });
  });
  expect(box.textContent).toBe("open visibility");
  act(() => root.unmount());
  presence.close();
});
