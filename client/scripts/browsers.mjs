// Runs the browser tests in each browser at once, or in those that are named: node scripts/browsers.mjs [chromium|firefox]…
import { spawn } from "node:child_process";

const browsers = process.argv.length > 2 ? process.argv.slice(2) : ["chromium", "firefox"];

const run = (browser) => new Promise((resolve) => {
  const child = spawn("npx", ["vitest", "run", "--config", "browser/vitest.config.ts"], { env: { ...process.env, PRESENCE_BROWSER: browser } });
  let said = "";
  child.stdout.on("data", (b) => { said += b; });
  child.stderr.on("data", (b) => { said += b; });
  child.on("close", (code) => {
    console.log(`== ${browser}\n${said}`);
    resolve(code === 0);
  });
});

const passed = await Promise.all(browsers.map(run));
process.exitCode = passed.every(Boolean) ? 0 : 1;
