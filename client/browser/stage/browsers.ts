import { chromium, firefox, type Browser } from "playwright-core";
import { settings } from "./chromium.ts";

/** kind is the browser that the tests run in: PRESENCE_BROWSER. */
export const kind = process.env.PRESENCE_BROWSER ?? "chromium";

const firefoxPath = process.env.PRESENCE_FIREFOX ?? "/usr/bin/firefox-esr";

let running: Promise<Browser> | undefined;

/** browser is the one that all tests of this process share, with a fresh profile and nothing that talks to the world. */
export function browser(): Promise<Browser> {
  return running ??= kind === "firefox" ? launchFirefox() : chromium.launch(settings);
}

/** launchFirefox starts Debian's Firefox as it is, which Playwright drives by WebDriver BiDi. */
async function launchFirefox(): Promise<Browser> {
  const browser = await firefox.launch({
    channel: "moz-firefox", executablePath: firefoxPath, headless: true,
    firefoxUserPrefs: {
      "app.update.enabled": false, "browser.safebrowsing.malware.enabled": false, "browser.safebrowsing.phishing.enabled": false,
      "datareporting.policy.dataSubmissionEnabled": false, "network.captive-portal-service.enabled": false, "network.connectivity-service.enabled": false,
      "services.settings.server": "http://127.0.0.1:9/", "dom.disable_open_during_load": false,
    },
  });
  forgiveMedia(browser);
  return browser;
}

interface Session { send(method: string, params: unknown): Promise<unknown> }
interface Inside { _connection: { toImpl(browser: Browser): { _browserSession: Session } } }

/** forgiveMedia keeps Playwright from a command for each new page that this Firefox doesn't know yet: light or dark. */
function forgiveMedia(browser: Browser): void {
  const sessions = Object.getPrototypeOf((browser as unknown as Inside)._connection.toImpl(browser)._browserSession) as Session;
  const { send } = sessions;
  sessions.send = function (method, params) {
    return method === "emulation.setMediaFeaturesOverride" ? Promise.resolve({}) : send.call(this, method, params);
  };
}
