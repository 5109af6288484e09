import { chromium, type BrowserServer } from "playwright-core";

export const executablePath = process.env.PRESENCE_CHROMIUM ?? "/usr/bin/chromium";

/** settings are of Debian's Chromium, with the back-forward cache that people have, and nothing that talks to the world. */
export const settings = {
  executablePath, headless: true, ignoreDefaultArgs: ["--disable-back-forward-cache"],
  args: [
    "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
  ],
};

/** launch starts it with a fresh profile. */
export function launch(): Promise<BrowserServer> { return chromium.launchServer(settings); }
