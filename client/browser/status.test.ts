import { fileURLToPath } from "node:url";
import type { Locator, Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import type { Actor } from "./stage/actor.ts";
import type { Speaker } from "./stage/saying.ts";
import { html } from "./stage/pages.ts";
import { scene } from "./stage/scene.ts";
import { bundle } from "./stage/setup.ts";

const s = scene(3);

beforeAll(async () => {
  s.pages.set("/saying", html("", await bundle(fileURLToPath(new URL("stage/saying.ts", import.meta.url)))));
});

/** enter opens a page that says and shows statuses, at one of three nodes. */
async function enter(as: string, watch: string[] = [], beside?: Actor): Promise<Actor> {
  const actor = await s.enter(as, { path: "/saying", watch, ...(beside && { beside }) });
  await actor.opened(1);
  return actor;
}

/** say sets a status, or with null clears it. */
const say = (actor: Actor, text: string | null, more: { emoji?: string; for?: number; until?: number } = {}) =>
  actor.page.evaluate(([text, more]) => {
    const speaker = presence as Speaker;
    return text === null ? speaker.clearStatus() : speaker.setStatus(text, more);
  }, [text, more] as const);

const shown = (page: Page, id: string): Locator => page.locator(`presence-status[participant="${id}"]`);

/** parts are what an element shows: emoji, text and until when, with one kind of space. */
const parts = (element: Locator) =>
  element.evaluate((e) => [...e.shadowRoot!.querySelectorAll("[part]")].map((part) => part.textContent!.replace(/\s/g, " ")));

it("shows what others say and until when, also of who is offline, and nothing once it is over", async () => {
  const ben = await enter("ben", ["ada"]);
  const ada = await enter("ada");
  const noon = new Date().setHours(36, 0, 0, 0);
  await say(ada, "On a train", { emoji: "🚆", until: noon });
  await ben.saw("status of ada", "On a train");
  expect(await parts(shown(ben.page, "ada"))).toEqual(["🚆", "On a train", expect.stringMatching(/^until (tomorrow )?12:00 PM$/)]);
  await ada.page.evaluate(() => presence.signOut());
  await ben.saw("ada", "offline", "online", "offline");
  await ben.saw("status of ada", "On a train");

  const late = await enter("carl", ["ada"]); // a snapshot
  await late.saw("status of ada", "On a train");
  const again = await enter("ada");
  await again.saw("own", "On a train");
  await say(again, "Back in a moment");
  for (const viewer of [ben, late]) await viewer.saw("status of ada", "On a train", "Back in a moment");
  await say(again, "Back in a moment", { for: 1 });
  for (const viewer of [ben, late]) {
    await viewer.until("the end", () => viewer.states("status of ada").at(-1) === "none");
    expect(new Set(viewer.states("status of ada"))).toEqual(new Set(["On a train", "Back in a moment", "none"]));
  }
  expect(await parts(shown(ben.page, "ada"))).toEqual(["", "", ""]);
});

it("is one status in all tabs, and is asked for anew after a pause", async () => {
  const first = await enter("dora");
  const second = await enter("dora", [], first);
  const ben = await enter("ben", ["dora"]);
  await say(first, "At lunch");
  await second.saw("own", "At lunch");
  await ben.saw("status of dora", "At lunch");
  await ben.page.evaluate(() => presence.pause());
  await say(second, "Back");
  await first.saw("own", "At lunch", "Back");
  await ben.page.evaluate(() => presence.resume());
  await ben.saw("status of dora", "At lunch", "Back");
  await say(first, null);
  await ben.saw("status of dora", "At lunch", "Back", "none");
  await second.until("the end of it", () => second.states("own").at(-1) === "none");
});

it("is busy for a while, and then as before", async () => {
  const ben = await enter("ben", ["emil"]);
  const emil = await enter("emil");
  await emil.page.evaluate(() => (presence as Speaker).setBusy({ for: 3600 }));
  await ben.saw("emil", "offline", "online", "busy");
  await emil.page.evaluate(() => (presence as Speaker).setBusy({ for: 1 }));
  await ben.saw("emil", "offline", "online", "busy", "online");
  await emil.saw("self", "online", "busy", "online");
});

it("tells strangers nothing of what is said while one appears offline", async () => {
  await s.nodes.service("POST", "/v1/direct-messages", { direct_messages: [{ participants: ["fay", "friend"] }] });
  const fay = await enter("fay");
  const [friend, stranger] = [await enter("friend", ["fay"]), await enter("stranger", ["fay"])];
  await say(fay, "At work");
  for (const viewer of [friend, stranger]) await viewer.saw("status of fay", "At work");
  await fay.page.evaluate(() => (presence as Speaker).appearOffline());
  await stranger.saw("fay", "online", "offline");
  await say(fay, "Watching a film");
  await friend.saw("status of fay", "At work", "Watching a film");
  await fay.page.evaluate(() => presence.autoDetect()); // what comes after all that a stranger could have been told
  await stranger.saw("fay", "online", "offline", "online");
  await stranger.saw("status of fay", "At work", "Watching a film");
});

it("shows a text as text, in its own direction, and gives a long one up before its end", async () => {
  const ben = await enter("ben", ["gus", "hana"]);
  const [gus, hana] = [await enter("gus"), await enter("hana")];
  const markup = `<img src=x onerror="document.title='run'"> & <b>bold</b>`;
  await say(gus, markup, { emoji: "<i>" });
  await say(hana, `${"שלום ".repeat(20)}!`, { for: 60 });
  await ben.saw("status of gus", markup);
  await ben.saw("status of hana", `${"שלום ".repeat(20)}!`);
  expect([await parts(shown(ben.page, "gus")), await ben.page.title()]).toEqual([["<i>", markup, ""], "Test"]);
  for (const dir of ["ltr", "rtl"]) {
    const [host, text, until, run] = await shown(ben.page, "hana").evaluate((e, dir) => {
      document.documentElement.dir = dir;
      document.body.style.width = "300px";
      const [text, until] = ["text", "until"].map((name) => e.shadowRoot!.querySelector(`[part=${name}]`)!);
      const box = (of: Element) => { const { left, right } = of.getBoundingClientRect(); return { left, right }; };
      return [box(e), box(text!), box(until!), getComputedStyle(text!).direction] as const;
    }, dir);
    expect(run).toBe("rtl");
    expect(until.left).toBeGreaterThanOrEqual(host.left - 1); // the end is within, and whole
    expect(until.right).toBeLessThanOrEqual(host.right + 1);
    expect(dir === "ltr" ? text.right <= until.left : text.left >= until.right).toBe(true);
  }
  await say(gus, "", { emoji: "32 bytes, and none of an emoji:)", until: new Date().setHours(62, 45, 0, 0) });
  await ben.until("the new one", () => ben.states("status of gus").length === 2);
  const wide = await shown(ben.page, "gus").evaluate((e) => {
    document.body.style.width = "90px"; // where a part alone is too long for a line
    return [...e.shadowRoot!.querySelectorAll("[part]")].filter((part) => part.scrollWidth > part.clientWidth && getComputedStyle(part).overflow === "visible" || part.getBoundingClientRect().width > 90).length;
  });
  expect(wide).toBe(0);
});
