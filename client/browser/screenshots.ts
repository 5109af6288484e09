// Takes the pictures of the demo page that the docs show: `make screenshots`.
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium, type Page } from "playwright-core";
import { buildBinary } from "./stage/binary.ts";
import { launch } from "./stage/chromium.ts";
import { start } from "./stage/nodes.ts";

const pictures = fileURLToPath(new URL("../../../docs/img/", import.meta.url));
const desktop = { width: 1280, height: 860 };
const phone = { width: 390, height: 844 };

const { directory, binary } = buildBinary();
const stage = await start(binary, 3, []);
const alone = await start(binary, 1, []);
const server = await launch();
const browser = await chromium.connect(server.wsEndpoint());
try {
  for (const [name, viewport, colorScheme, scene, nodes] of [
    ["demo-light", desktop, "light", people, stage],
    ["demo-dark", desktop, "dark", people, stage],
    ["demo-phone", phone, "light", people, stage],
    ["cluster-light", desktop, "light", cluster, stage],
    ["cluster-dark", desktop, "dark", cluster, stage],
    ["alone-light", desktop, "light", cluster, alone],
    ["alone-dark", desktop, "dark", cluster, alone],
    ["alone-phone", phone, "light", cluster, alone],
  ] as const) {
    const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce" });
    const page = await context.newPage();
    await page.goto(`${nodes.nodes[0]?.url}/?as=ada,ben`);
    await scene(page);
    await page.screenshot({ path: `${pictures}${name}.png` });
    await page.getByRole("button", { name: "Sign out" }).first().click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.locator("[data-as]").first().waitFor({ state: "detached" });
    await context.close();
  }
} finally {
  await browser.close();
  await server.close();
  await Promise.all([stage.close(), alone.close()]);
  rmSync(directory, { recursive: true });
}

/** people: Ada hides, and Ben can't tell; he says where he is, and until when. */
async function people(page: Page): Promise<void> {
  const ben = page.locator("[data-as=ben]");
  await ben.getByLabel("Emoji").fill("☕");
  await ben.getByLabel("Status").fill("Having a coffee");
  await ben.getByRole("button", { name: "Say so" }).click();
  await page.locator("[data-as=ada] .row[data-person=ben] presence-status").getByText("Having a coffee").waitFor();
  await page.locator("[data-as=ada] input[value=appear_offline]").check({ force: true });
  await page.locator("[data-as=ben] [data-person=ada][data-state=offline]").getByText("last seen").waitFor();
  await page.evaluate(() => scrollTo(0, 0));
}

/** cluster: a crowd beats, and the figures have settled. */
async function cluster(page: Page): Promise<void> {
  await page.locator("#cluster").scrollIntoViewIfNeeded();
  await page.locator("#totals dd").first().waitFor(); // until then it grows
  await page.locator("input[name=crowd][value='5000']").check({ force: true });
  await page.evaluate(() => document.querySelector("#cluster-title")?.scrollIntoView());
  await page.locator("#totals").getByText("5,00").first().waitFor({ timeout: 60_000 });
  await page.locator("input[name=crowd][value='0']").check({ force: true });
}
