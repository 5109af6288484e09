import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { until } from "./nodes.ts";
import { freePorts } from "./ports.ts";

const binary = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";

/** WebKit is WebKitGTK's little browser on a screen of its own, driven by W3C WebDriver. Playwright drives builds of its own alone. */
export class WebKit {
  private constructor(private session: string, private processes: ChildProcess[]) {}

  static async start(): Promise<WebKit> {
    for (const path of [binary, "/usr/bin/WebKitWebDriver", "/usr/bin/Xvfb"]) {
      if (!existsSync(path)) throw new Error(`${path} isn't there: make webkit-needs installs it`);
    }
    const screen = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "1024x768x24", "-nolisten", "tcp"], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
    const [display] = await once(screen.stdio[3]!, "data");
    const [port] = (await freePorts(1)) as [number];
    const env = { ...process.env, DISPLAY: `:${String(display).trim()}`, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" };
    const driver = spawn("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], { env, stdio: "ignore" });
    const root = `http://127.0.0.1:${port}`;
    await until("WebKitWebDriver listens", async () => (await fetch(`${root}/status`)).ok);
    const options = { "webkitgtk:browserOptions": { binary, args: ["--automation"] } };
    const { sessionId } = await call<{ sessionId: string }>("POST", `${root}/session`, { capabilities: { alwaysMatch: options } });
    return new WebKit(`${root}/session/${sessionId}`, [driver, screen]);
  }

  async goto(url: string): Promise<void> { await call("POST", `${this.session}/url`, { url }); }

  /** evaluate runs the body of a function in the page. */
  evaluate<T>(script: string): Promise<T> { return call("POST", `${this.session}/execute/sync`, { script, args: [] }); }

  async close(): Promise<void> {
    await call("DELETE", this.session);
    for (const process of this.processes) process.kill();
  }
}

async function call<T>(method: string, url: string, body?: object): Promise<T> {
  const answer = await fetch(url, { method, body: body ? JSON.stringify(body) : null });
  const { value } = await answer.json() as { value: T };
  if (!answer.ok) throw new Error(`${method} ${url}: ${JSON.stringify(value)}`);
  return value;
}
