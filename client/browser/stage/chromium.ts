import { chromium, type BrowserServer } from "playwright-core";

export const executablePath = process.env.PRESENCE_CHROMIUM ?? "/usr/bin/chromium";

/** launch starts Debian's Chromium, with a fresh profile and nothing that talks to the world. */
export function launch(): Promise<BrowserServer> {
  return chromium.launchServer({
    executablePath, headless: true,
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
      "--disable-sync",
    ],
  });
}
