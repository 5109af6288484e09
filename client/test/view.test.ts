// @vitest-environment happy-dom
import { act, createElement } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { definePresenceDot } from "../src/element.js";
import { PresenceProvider, usePresence, useSelf } from "../src/react.js";
import { beginOpen, settle } from "./fake.js";

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
