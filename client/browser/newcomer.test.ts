import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { html } from "./stage/pages.ts";
import { scene } from "./stage/scene.ts";
import { bundle } from "./stage/setup.ts";

const s = scene(1);
const client = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "presence-newcomer-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** firstPage is the page that docs/client.md begins with: what is in its body, and its script. */
function firstPage(): [string, string] {
  const guide = readFileSync(join(client, "../docs/client.md"), "utf8");
  const [, body, script] = /```html\n(.*?)<script type="module">\n(.*?)<\/script>/s.exec(guide) ?? [];
  if (!body || !script) throw new Error("docs/client.md has no first page");
  return [body, script];
}

it("brings a newcomer from npm pack to a dot", async () => {
  const [{ filename }] = JSON.parse(execFileSync("npm", ["pack", "--json", "--silent", "--pack-destination", folder], { cwd: client }).toString().replace(/^[^[]*/, ""));
  writeFileSync(join(folder, "package.json"), `{"type":"module"}`);
  execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund", join(folder, filename)], { cwd: folder, stdio: "pipe" });
  const [body, script] = firstPage();
  writeFileSync(join(folder, "page.js"), script.replace("http://127.0.0.1:8080", s.balancer.url));
  s.pages.set("/first", html(body, await bundle(join(folder, "page.js"))));

  const page = await s.visit("/first");
  const dot = page.getByRole("img", { name: "Ben: offline", exact: true });
  await dot.waitFor({ state: "visible" });
  const { width, height } = (await dot.boundingBox())!;
  expect(width * height).toBeGreaterThan(50);

  const ben = await s.enter("ben", { watch: ["ada"] });
  await ben.saw("ada", "online");
  await page.getByRole("img", { name: "Ben: online", exact: true }).waitFor({ state: "visible" });
  await ben.page.evaluate(() => presence.setBusy());
  await page.getByRole("img", { name: "Ben: busy", exact: true }).waitFor({ state: "visible" });
});
