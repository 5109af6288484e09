// Runs the browser tests in each browser at once, or in those that are named: node scripts/browsers.mjs [chromium|firefox]…
// What failed is printed last: of a long log often only the end is kept.
import { spawn } from "node:child_process";

const browsers = process.argv.length > 2 ? process.argv.slice(2) : ["chromium", "firefox"];

const run = (browser) => new Promise((resolve) => {
  const child = spawn("npx", ["vitest", "run", "--config", "browser/vitest.config.ts"], { env: { ...process.env, PRESENCE_BROWSER: browser } });
  let said = "";
  child.stdout.on("data", (b) => { said += b; });
  child.stderr.on("data", (b) => { said += b; });
  child.on("close", (code) => resolve({ browser, said, passed: code === 0 }));
});

const runs = await Promise.all(browsers.map(run));
for (const { browser, said } of runs.toSorted((x, y) => y.passed - x.passed)) console.log(`== ${browser}\n${said}`);
process.exitCode = runs.every((r) => r.passed) ? 0 : 1;
