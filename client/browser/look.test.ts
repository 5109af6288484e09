import { build } from "esbuild";
import type { Locator, Page } from "playwright-core";
import { expect, it } from "vitest";
import { html } from "./stage/pages.ts";
import { kind } from "./stage/browsers.ts";
import { scene } from "./stage/scene.ts";

const s = scene(1);
const states = ["online", "idle", "busy", "appear_offline", "offline", "unknown"];
const grid = 16; // cells a side: what an eye takes in of a dot

/** elements is a page of <presence-dot>, one for each state. */
async function elements(): Promise<Page> {
  const { outputFiles } = await build({
    stdin: { contents: `import { definePresenceDot } from "./element.ts"; definePresenceDot({ subscribe: () => () => {}, getPresence: () => undefined });`, resolveDir: new URL("../src", import.meta.url).pathname },
    bundle: true, write: false, format: "esm",
  });
  s.pages.set("/look", html(states.map((state) => `<p><presence-dot class="${state}"></presence-dot></p>`).join(""), outputFiles[0]!.text));
  const page = await s.visit("/look");
  await page.locator(".unknown[state=unknown]").waitFor();
  for (const state of states) await page.locator(`.${state}`).evaluate((e, state) => e.setAttribute("state", state), state);
  return page;
}

/** shape is how dark a dot is at 96 px and in black, in the cells of a grid: those within, then those around, sorted: where a dash begins is nobody's matter. */
async function shape(dot: Locator): Promise<number[]> {
  await dot.evaluate((e: HTMLElement) => {
    document.documentElement.style.setProperty("--paper", "white");
    for (const name of ["online", "idle", "busy", "hidden", "offline"]) e.style.setProperty(`--presence-${name}`, "black");
    for (const [name, value] of [["--dot", "black"], ["--on-dot", "white"], ["width", "96px"], ["height", "96px"], ["font-size", "128px"]] as const) e.style.setProperty(name, value);
  });
  const picture = (await dot.screenshot()).toString("base64");
  return dot.page().evaluate(async ([picture, grid]) => {
    const image = new Image();
    image.src = `data:image/png;base64,${picture}`; // which the page's own policy allows
    await image.decode();
    const context = new OffscreenCanvas(grid, grid).getContext("2d")!;
    context.drawImage(image, 0, 0, grid, grid);
    const { data } = context.getImageData(0, 0, grid, grid);
    const cells = Array.from({ length: grid * grid }, (_, i) => ({ dark: 255 - data[4 * i]!, away: Math.hypot((i % grid) + 0.5 - grid / 2, Math.floor(i / grid) + 0.5 - grid / 2) }));
    const darkness = (within: boolean) => cells.filter((c) => c.away < grid / 4 === within).map((c) => c.dark);
    return [...darkness(true), ...darkness(false).sort((a, b) => a - b)];
  }, [picture, grid] as const);
}

const distance = (a: number[], b: number[]) => Math.hypot(...a.map((v, i) => v - (b[i] ?? 0)));

// Engines draw a dash at other places: the shapes are compared in one.
it.runIf(kind === "chromium")("gives each state the same shape on the page at / and in <presence-dot>", async () => {
  const dots = await elements();
  const demo = await s.visit(`${s.balancer.url}/?as=ada`);
  const known = await Promise.all(states.map(async (state) => [state, await shape(dots.locator(`.${state}`))] as const));
  for (const state of states) {
    const seen = await shape(demo.locator(`.key [data-dot=${state}] .dot`));
    const [nearest] = [...known].sort((a, b) => distance(a[1], seen) - distance(b[1], seen));
    expect(nearest?.[0]).toBe(state);
  }
});
