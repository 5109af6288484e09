import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { expect, it } from "vitest";
import { kind } from "./stage/browsers.ts";
import { scene } from "./stage/scene.ts";

const s = scene(3);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** open is the demo page, with these people signed in side by side, who look at others too. */
async function open(people: string, options?: BrowserContextOptions, watch = ""): Promise<Page> {
  const page = await s.visit(`${s.balancer.url}/?as=${people}${watch && `&watch=${watch}`}`, options);
  for (const id of people.split(",").filter(Boolean)) await page.locator(`[data-as=${id}][data-status=open]`).waitFor();
  return page;
}

/** pick is what a person picks for oneself. */
const pick = (page: Page, who: string, override: string) => page.locator(`[data-as=${who}] input[value=${override}]`).check({ force: true });

/** saying is what one person sees another say, which is live while it can be seen. */
async function saying(page: Page, viewer: string, who: string): Promise<Locator> {
  const row = page.locator(`[data-as=${viewer}] .row[data-person=${who}]`);
  await row.scrollIntoViewIfNeeded();
  return row.locator("presence-status");
}

/** sees waits until one person sees another so. */
const sees = (page: Page, viewer: string, who: string, state: string) =>
  page.locator(`[data-as=${viewer}] .row[data-person=${who}][data-state=${state}]`).waitFor();

/** is waits until a person sees oneself so. */
const is = (page: Page, who: string, state: string) => page.locator(`[data-as=${who}] .profile[data-state=${state}]`).waitFor();

it("shows two people each other's states", async () => {
  const ada = await open("ada");
  await sees(ada, "ada", "ben", "offline");
  const ben = await open("ben");
  await sees(ada, "ada", "ben", "online");
  await sees(ben, "ben", "ada", "online");
  await ben.getByRole("button", { name: "Sign out Ben" }).click();
  await sees(ada, "ada", "ben", "offline");
});

it("shows busy to all, and who appears offline to those with a recent message alone", async () => {
  const grace = await open("grace");
  const others = await open("ben,linus");
  await pick(grace, "grace", "busy");
  await is(grace, "grace", "busy");
  for (const viewer of ["ben", "linus"]) await sees(others, viewer, "grace", "busy");

  await pick(grace, "grace", "appear_offline");
  await is(grace, "grace", "appear_offline");
  for (const viewer of ["ben", "linus"]) await sees(others, viewer, "grace", "offline");

  await others.locator("[data-as=ben]").getByRole("button", { name: "Message Grace" }).click();
  await sees(others, "ben", "grace", "online");
  await pick(grace, "grace", "auto"); // what comes after all that Linus could have been told
  await sees(others, "linus", "grace", "online");
  const told = await others.locator("[data-as=linus] .told [data-person=grace]").evaluateAll((lines) => lines.map((l) => (l as HTMLElement).dataset.state));
  expect(told.reverse()).toEqual(["busy", "offline", "online"]);
});

it("lets a person block another: that one sees nobody, and both windows tell it", async () => {
  const page = await open("dora,emil", undefined, "dora,emil");
  const button = (who: string, name: string) => page.locator(`[data-as=${who}]`).getByRole("button", { name, exact: true });
  const story = (text: string) => page.locator("#story").getByText(text).waitFor();
  await sees(page, "emil", "dora", "online");

  await button("dora", "Block Emil").click();
  await sees(page, "emil", "dora", "offline");
  await story("Dora has blocked Emil.");
  const dora = page.locator("[data-as=emil] .row[data-person=dora]");
  await dora.getByText("not seen lately").waitFor(); // as somebody who was never here
  await page.locator("[data-as=dora] .row[data-person=emil][data-state=online]").getByText("blocked").waitFor();

  await button("emil", "Message Dora").click(); // and no message opens it
  await page.locator("#hint").getByText("a block is stronger than a message").waitFor();
  await page.reload();
  await page.locator("[data-as=dora] .row[data-person=emil][data-blocked=true]").waitFor();
  await sees(page, "emil", "dora", "offline");

  await button("dora", "Unblock Emil").click();
  await sees(page, "emil", "dora", "online");
  const told = await page.locator("[data-as=emil] .told [data-person=dora]").evaluateAll((lines) => lines.map((l) => (l as HTMLElement).dataset.state));
  expect(told).toEqual(["online"]);
});

it("lets a person say something, with an end, and be busy for half an hour", async () => {
  const page = await open("fred,gil", undefined, "fred,gil");
  const fred = page.locator("[data-as=fred]");
  await fred.getByLabel("Emoji").fill("🚆");
  await fred.getByLabel("Status").fill("On a train");
  await fred.getByLabel("Until when").selectOption("today");
  await fred.getByRole("button", { name: "Say so" }).click();
  const row = await saying(page, "gil", "fred");
  await row.getByText("On a train").waitFor();
  await row.getByText("until").waitFor();
  await fred.locator(".said").getByText("On a train").waitFor();
  expect(await fred.getByLabel("Status").inputValue()).toBe("");

  await fred.getByRole("button", { name: "Busy for 30 minutes" }).click();
  await sees(page, "gil", "fred", "busy");
  await fred.locator(".profile .how").getByText(/until .*\d/).waitFor();
  await pick(page, "fred", "auto");
  await sees(page, "gil", "fred", "online");

  await s.nodes.service("PUT", "/v1/presence/fred/busy/calendar", { expires_in: 60 });
  await fred.locator(".profile .how").getByText("says calendar").waitFor();
  await pick(page, "fred", "appear_offline"); // which the calendar has no part in
  await is(page, "fred", "appear_offline");
  expect(await fred.locator(".profile .how").textContent()).not.toContain("calendar");
  await fred.getByRole("button", { name: "Clear" }).press("Enter");
  await fred.locator(".said").waitFor({ state: "hidden" });
  expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe("Status"); // and not at the top of the page again
  await pick(page, "fred", "auto");
  await (await saying(page, "gil", "fred")).getByText("On a train").waitFor({ state: "hidden" });
});

/** faults are what axe-core finds. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate("axe.run()") as AxeResults;
  return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${v.help}: ${n.html}`));
}

// Of these browsers Chromium alone can be told to be light or dark.
it.runIf(kind === "chromium").each([["a desktop", { width: 1280, height: 860 }], ["a phone", { width: 390, height: 844 }]])("is accessible on %s, light and dark", async (_, viewport) => {
  const page = await open("ada,ben,grace", { viewport, reducedMotion: "reduce" });
  await pick(page, "ada", "busy");
  await pick(page, "grace", "appear_offline");
  await s.nodes.service("PUT", "/v1/presence/linus/status", { text: "At lunch", emoji: "🍝", expires_in: 60 });
  await (await saying(page, "ben", "linus")).getByText("At lunch").waitFor();
  await sees(page, "ben", "ada", "busy");
  await is(page, "grace", "appear_offline");
  await page.getByRole("button", { name: "Another window" }).click(); // with the form to sign in
  await page.locator("#cluster").scrollIntoViewIfNeeded(); // it is filled when it is looked at
  await page.locator("#totals dd").first().waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await faults(page), colorScheme).toEqual([]);
  }
});
