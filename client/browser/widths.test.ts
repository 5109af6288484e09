import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { newDevice } from "../src/lib/device.ts";
import { scene, type Scene } from "./stage/scene.ts";

const widths = [390, 768, 1024, 1280, 1920];
const height = 900;
const longest = "x".repeat(128); // as long as ids may be, and nothing to break it at

/** full is somebody's page with something of everything: names that are long, devices, an id that is wrong, figures of the cluster. */
async function full(s: Scene, who: string): Promise<Page> {
  for (const device of ["laptop", newDevice(), "y".repeat(64)]) {
    await s.nodes.service("PUT", `/v1/presence/${who}/devices/${device}`, { activity: "idle" });
  }
  for (const id of [who, longest]) await s.nodes.service("PUT", `/v1/presence/${id}/status`, { text: "z".repeat(256), emoji: "🚆🚆🚆", expires_in: 86_400 });
  const page = await s.visit(`${s.balancer.url}/?as=${who},ben&watch=${longest}`, { viewport: { width: widths[0]!, height }, reducedMotion: "reduce" });
  for (const id of [who, "ben"]) await page.locator(`[data-as=${id}][data-status=open]`).waitFor();
  await s.nodes.service("PUT", `/v1/presence/${longest}/devices/phone`, { activity: "online" });
  await page.locator(`[data-as=${who}] .row[data-person=${longest}][data-state=online]`).waitFor();
  await page.locator("#watched").fill("zoe max");
  await page.getByRole("button", { name: "Look", exact: true }).click();
  await page.locator("#cluster").scrollIntoViewIfNeeded(); // it is filled when it is looked at
  await page.locator("#totals dd").first().waitFor();
  return page;
}

/** overflows names what is wider than the place it is in. It runs in the page. */
function overflows(): string[] {
  const found: string[] = [];
  const name = (e: Element) => `${e.tagName.toLowerCase()}${e.id && `#${e.id}`}${e.classList.length ? `.${[...e.classList].join(".")}` : ""}`;
  const right = (e: Element) => e.getBoundingClientRect().right - parseFloat(getComputedStyle(e).paddingRight);
  const report = (what: string, by: number) => { if (by > 1) found.push(`${what} by ${Math.round(by)} px`); };
  report("the page", document.documentElement.scrollWidth - innerWidth);
  for (const e of document.querySelectorAll<HTMLElement>("body *")) {
    const { display, position, marginRight, overflowX, textOverflow } = getComputedStyle(e);
    const parent = e.parentElement!;
    if (!e.checkVisibility() || e.closest("svg, .unseen, .skip") || position === "absolute") continue;
    if (display !== "inline" && getComputedStyle(parent).display !== "inline") {
      report(`${name(e)} in ${name(parent)}`, e.getBoundingClientRect().right + parseFloat(marginRight) - right(parent));
    }
    if (overflowX !== "visible" && textOverflow !== "ellipsis") report(`what is in ${name(e)}`, e.scrollWidth - e.clientWidth);
    for (const text of [...e.childNodes].filter((n) => n instanceof Text && textOverflow !== "ellipsis")) {
      const range = document.createRange();
      range.selectNode(text);
      if (display !== "inline") report(`text in ${name(e)}`, range.getBoundingClientRect().right - e.getBoundingClientRect().right);
    }
  }
  return found;
}

describe.each([
  ["one node", 1, ["--node-id=ip-10-20-30-40.eu-central-1.compute.internal"]], // the default is the name of the host
  ["three nodes", 3, []],
] as const)("the page of %s", (_, nodes, flags) => {
  const s = scene(nodes, ...flags);

  it(`overflows at none of ${widths.join(", ")} px`, async () => {
    const page = await full(s, "ada");
    for (const width of widths) {
      await page.setViewportSize({ width, height });
      expect(await page.evaluate(overflows), `${width} px`).toEqual([]);
    }
  });

  it("shows a map where there is more than one to tell apart, and else how to start another", async () => {
    const page = await full(s, "carl");
    expect(await page.locator("#map").isVisible()).toBe(nodes > 1);
    expect(await page.locator("#alone").isVisible()).toBe(nodes === 1);
    expect(await page.locator("#seen-from").textContent()).toMatch(/^As .* sees it; all is in its place\.$|on the way to another node\.$/);
  });

  it("calls devices by their names, and refuses ids that can't be", async () => {
    const page = await full(s, "dora");
    const names = page.locator("[data-as=dora] .devices .what");
    await names.getByText("laptop").waitFor();
    expect((await names.allTextContents()).sort()).toEqual(["another tab", "laptop", "this window", "y".repeat(64)]);

    const row = page.locator(`[data-as=dora] .row`, { hasText: /zoe/i });
    expect(await page.locator("#watch-trouble").textContent()).toContain("without whitespace");
    expect(await row.count()).toBe(0);
    await page.getByLabel("Look at").fill("zoe, max");
    await page.getByRole("button", { name: "Look", exact: true }).click();
    await row.waitFor();
    expect(await page.locator("#watch-trouble").textContent()).toBe("");
  });
});
