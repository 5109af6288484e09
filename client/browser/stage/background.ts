import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { settings } from "./chromium.ts";

/**
 * Background is a Chromium as people have it, in which a tab behind another is hidden, and can be frozen. Those that Playwright starts
 * make every page believe that it is seen.
 */
export class Background {
  private constructor(readonly context: BrowserContext, private end: () => Promise<void>) {}

  static async start(): Promise<Background> {
    const profile = mkdtempSync(join(tmpdir(), "presence-chromium-"));
    const process = spawn(settings.executablePath, ["--headless", "--remote-debugging-port=0", `--user-data-dir=${profile}`, ...settings.args],
      { stdio: ["ignore", "ignore", "pipe"] });
    const ended = once(process, "exit");
    const address = await new Promise<string>((resolve, reject) => {
      let said = "";
      process.stderr.on("data", (b: Buffer) => {
        const [, found] = /DevTools listening on (ws:\S+)/.exec(said += b) ?? [];
        if (found) resolve(found);
      });
      void ended.then(() => reject(new Error(`chromium ended:\n${said}`)));
    });
    const browser = await chromium.connectOverCDP(address, { noDefaults: true, timeout: 100_000 }); // for a machine that has much else to do
    return new Background(browser.contexts()[0]!, async () => {
      // It ends its own processes. Those of a browser that is killed go on writing to the profile for a while.
      await (await browser.newBrowserCDPSession()).send("Browser.close");
      await ended;
      rmSync(profile, { recursive: true, maxRetries: 50 });
    });
  }

  /** freeze puts another tab before a page's, and has the browser freeze the page. The function it returns undoes that. */
  async freeze(page: Page): Promise<() => Promise<void>> {
    await (await this.context.newPage()).bringToFront();
    const tab = await this.context.newCDPSession(page);
    await tab.send("Page.setWebLifecycleState", { state: "frozen" });
    return async () => { await tab.send("Page.setWebLifecycleState", { state: "active" }); };
  }

  close(): Promise<void> { return this.end(); }
}
