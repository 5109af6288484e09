#!/usr/bin/env bash
# playwright-core 1.65.1, Chromium 156: a page that is told to freeze goes on running, and nothing says so.
#
# The DevTools command Page.setWebLifecycleState with "frozen" is answered {}, and the page's timers run on: Chromium freezes
# only pages that nobody sees, and Playwright makes every page believe that it is seen, also behind another tab. The same
# Chromium freezes the page when Playwright connects to it with noDefaults and another tab is brought to the front. So a
# test of what an application does when it is frozen may pass without it ever having been.
#
# Seen on 2026-11-27 with Debian's chromium 156.0.8078.108 and Node 20.20.2:
#
#	launched:   visible; told to freeze: {}; runs on: true
#	noDefaults: hidden; told to freeze: {}; runs on: false
#
# What follows for us: the tests of frozen pages use a browser that is started so (client/browser/stage/background.ts).
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund playwright-core@1.65.1
cat >main.mjs <<'JS'
import { spawn } from "node:child_process";
import { chromium } from "playwright-core";

const executablePath = "/usr/bin/chromium";
const args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Freezes a page behind another, and says whether its timers run on. */
async function frozen(context) {
  const page = await context.newPage();
  await page.goto("data:text/html,<script>ticks = 0; setInterval(() => ticks++, 50)</script>");
  await (await context.newPage()).bringToFront();
  const tab = await context.newCDPSession(page);
  const ticks = async () => (await tab.send("Runtime.evaluate", { expression: "ticks" })).result.value;
  const seen = (await tab.send("Runtime.evaluate", { expression: "document.visibilityState" })).result.value;
  const answer = JSON.stringify(await tab.send("Page.setWebLifecycleState", { state: "frozen" }));
  await pause(1000);
  const before = await ticks();
  await pause(2000);
  return `${seen}; told to freeze: ${answer}; runs on: ${await ticks() > before}`;
}

const launched = await chromium.launch({ executablePath, args });
console.log("launched:  ", await frozen(await launched.newContext()));
await launched.close();

const process_ = spawn(executablePath, ["--headless", "--remote-debugging-port=0", `--user-data-dir=${process.cwd()}/profile`, ...args],
  { stdio: ["ignore", "ignore", "pipe"] });
const address = await new Promise((resolve) => {
  let said = "";
  process_.stderr.on("data", (b) => { const [, url] = /listening on (ws:\S+)/.exec(said += b) ?? []; if (url) resolve(url); });
});
const connected = await chromium.connectOverCDP(address, { noDefaults: true });
console.log("noDefaults:", await frozen(connected.contexts()[0]));
process_.kill("SIGKILL");
process.exit();
JS
node main.mjs | tee seen.txt
diff seen.txt - <<'SEEN'
launched:   visible; told to freeze: {}; runs on: true
noDefaults: hidden; told to freeze: {}; runs on: false
SEEN
