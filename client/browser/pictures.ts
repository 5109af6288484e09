// Takes the pictures of a report of presence-bench that docs/benchmarks.md shows: `make bench-pictures`.
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium, type Page } from "playwright-core";
import { launch } from "./stage/chromium.ts";

const report = process.argv[2];
if (!report) throw new Error("say which page: node pictures.mjs report.html");
const pictures = fileURLToPath(new URL("../../../docs/img/", import.meta.url));

const server = await launch();
const browser = await chromium.connect(server.wsEndpoint());
try {
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await browser.newPage({ viewport: { width: 1000, height: 900 }, colorScheme, reducedMotion: "reduce" });
    await page.goto(pathToFileURL(report).href);
    await take(page, "compare redis", ".versus:first-of-type", `bench-redis-${colorScheme}`);
    await take(page, "failover", ".plot, .faults", `bench-failover-${colorScheme}`);
    await page.close();
  }
} finally {
  await browser.close();
  await server.close();
}

/** take shows nothing of the page but what of one scenario is wanted, and takes its picture. */
async function take(page: Page, scenario: string, wanted: string, name: string): Promise<void> {
  const run = page.locator("section.run", { has: page.locator("h2", { hasText: new RegExp(`^${scenario}$`) }) }).first();
  await run.evaluate((section, selector) => {
    for (const child of section.children) (child as HTMLElement).style.display = child.matches(selector) ? "" : "none";
  }, wanted);
  await run.screenshot({ path: `${pictures}${name}.png` });
}
