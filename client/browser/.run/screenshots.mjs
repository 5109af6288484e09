// browser/screenshots.ts
import { rmSync } from "node:fs";
import { fileURLToPath as fileURLToPath2 } from "node:url";
import { chromium as chromium2 } from "playwright-core";

// browser/stage/binary.ts
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
var repository = fileURLToPath(new URL("../../..", import.meta.url));
function buildBinary() {
  const directory2 = mkdtempSync(join(tmpdir(), "presence-browser-"));
  const binary2 = join(directory2, "presence");
  execFileSync(process.env.GO ?? "go", ["build", "-o", binary2, "./cmd/presence"], { cwd: repository, stdio: ["ignore", "inherit", "inherit"] });
  return { directory: directory2, binary: binary2 };
}

// browser/stage/chromium.ts
import { chromium } from "playwright-core";
var executablePath = process.env.PRESENCE_CHROMIUM ?? "/usr/bin/chromium";
function launch() {
  return chromium.launchServer({
    executablePath,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync"
    ]
  });
}

// browser/stage/nodes.ts
import { spawn } from "node:child_process";
import { once } from "node:events";

// browser/stage/ports.ts
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
function ephemeral() {
  try {
    const [from, to] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").trim().split(/\s+/).map(Number);
    return [from ?? 32768, to ?? 60999];
  } catch {
    return [32768, 65535];
  }
}
var lowest = 1e4;
var next;
async function freePorts(n) {
  const [from] = ephemeral();
  const highest = Math.max(from, lowest + 2e3);
  next ??= lowest + Math.floor(Math.random() * (highest - lowest));
  const free = [];
  for (let tries = 0; free.length < n; tries++) {
    if (tries > 1e3) throw new Error(`no ${n} free ports from ${lowest} to ${highest}`);
    next = next + 1 < highest ? next + 1 : lowest;
    if (await tcpFree(next) && await udpFree(next)) free.push(next);
  }
  return free;
}
function tcpFree(port) {
  return new Promise((resolve) => {
    const server2 = createServer();
    server2.once("error", () => resolve(false));
    server2.listen(port, "127.0.0.1", () => server2.close(() => resolve(true)));
  });
}
function udpFree(port) {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.once("error", () => resolve(false));
    socket.bind(port, "127.0.0.1", () => socket.close(() => resolve(true)));
  });
}

// browser/stage/nodes.ts
var Running = class {
  constructor(id, port, admin, process2) {
    this.id = id;
    this.port = port;
    this.admin = admin;
    this.process = process2;
    for (const stream of [process2.stdout, process2.stderr]) stream?.on("data", (b) => {
      this.log = (this.log + b).slice(-2e4);
    });
    this.ended = once(process2, "exit");
    running.add(this);
    void this.ended.then(() => running.delete(this));
  }
  id;
  port;
  admin;
  process;
  log = "";
  ended;
  get url() {
    return `http://127.0.0.1:${this.port}`;
  }
  /** kill ends the node as a power cut would, and waits for that. */
  async kill() {
    this.process.kill("SIGKILL");
    await this.ended;
  }
  /** output is the end of what the node has logged. */
  output() {
    return `--- ${this.id}
${this.log}`;
  }
  /** end is for when this process ends. */
  end() {
    this.process.kill("SIGKILL");
  }
  /** ready waits until the node serves. */
  async ready() {
    await until(`${this.id} is ready`, async () => (await fetch(`http://127.0.0.1:${this.admin}/readyz`)).ok, () => this.output());
  }
};
var running = /* @__PURE__ */ new Set();
process.on("exit", () => {
  for (const n of running) n.end();
});
var Stage = class {
  constructor(nodes) {
    this.nodes = nodes;
  }
  nodes;
  /** logs are for a test that fails. */
  logs() {
    return this.nodes.map((n) => n.output()).join("\n");
  }
  async close() {
    await Promise.all(this.nodes.map((n) => n.kill()));
  }
  /** service is a call with the token that may do everything. */
  async service(method, path, body, node = this.nodes[0]) {
    const answer = await fetch(`${node?.url}${path}`, {
      method,
      headers: { Authorization: "Bearer service", "Content-Type": "application/json" },
      body: body === void 0 ? null : JSON.stringify(body)
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? void 0 : await answer.json();
  }
  /** blink lets somebody be online for one deadline, by a single heartbeat. Who watches learns when a deadline has passed. */
  async blink(id) {
    await this.service("PUT", `/v1/presence/${id}/devices/once`, { activity: "online" });
  }
};
var timings = ["--heartbeat-interval=1s", "--missed-heartbeats=2", "--grace=500ms", "--linger=1s", "--record-ttl=20s", "--tick=50ms"];
async function start(binary2, n = 3, flags = timings) {
  const ports = await freePorts(4 * n);
  const seed = `127.0.0.1:${ports[3]}`;
  const nodes = Array.from({ length: n }, (_, i) => {
    const [listen, admin, peer, gossip] = ports.slice(4 * i, 4 * i + 4);
    const at = (name, port) => `--${name}=127.0.0.1:${port}`;
    const args = ["serve", `--node-id=n${i + 1}`, at("listen", listen), at("admin-listen", admin), at("peer-listen", peer), at("gossip-listen", gossip), ...flags];
    if (i > 0) args.push(`--join=${seed}`);
    return new Running(`n${i + 1}`, listen, admin, spawn(binary2, args, { stdio: ["ignore", "pipe", "pipe"] }));
  });
  const stage2 = new Stage(nodes);
  await Promise.all(nodes.map((node) => node.ready()));
  await until("all nodes see each other", async () => {
    const seen = await Promise.all(nodes.map((node) => stage2.service("GET", "/v1/cluster", void 0, node)));
    return seen.every((c) => c?.members.length === n && c.moving === 0 && c.fingerprint === seen[0]?.fingerprint);
  }, () => stage2.logs());
  return stage2;
}
var patienceMs = 15e3;
async function until(what, ask, context = () => "") {
  const end = Date.now() + patienceMs;
  for (; ; ) {
    if (await ask().catch(() => false)) return;
    if (Date.now() > end) throw new Error(`not within ${patienceMs / 1e3} s: ${what}
${context()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// browser/screenshots.ts
var pictures = fileURLToPath2(new URL("../../../docs/img/", import.meta.url));
var desktop = { width: 1280, height: 860 };
var phone = { width: 390, height: 844 };
var { directory, binary } = buildBinary();
var stage = await start(binary, 3, []);
var server = await launch();
var browser = await chromium2.connect(server.wsEndpoint());
try {
  for (const [name, viewport, colorScheme, scene] of [
    ["demo-light", desktop, "light", people],
    ["demo-dark", desktop, "dark", people],
    ["demo-phone", phone, "light", people],
    ["cluster-light", desktop, "light", cluster],
    ["cluster-dark", desktop, "dark", cluster]
  ]) {
    const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce" });
    const page = await context.newPage();
    await page.goto(`${stage.nodes[0]?.url}/?as=ada,ben`);
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
  await stage.close();
  rmSync(directory, { recursive: true });
}
async function people(page) {
  await page.locator("[data-as=ada] input[value=appear_offline]").check({ force: true });
  await page.locator("[data-as=ben] [data-person=ada][data-state=offline]").getByText("last seen").waitFor();
}
async function cluster(page) {
  await page.locator("input[name=crowd][value='5000']").check({ force: true });
  await page.locator("#cluster").scrollIntoViewIfNeeded();
  await page.evaluate(() => document.querySelector("#cluster-title")?.scrollIntoView());
  await page.locator("#totals").getByText("5,00").first().waitFor({ timeout: 6e4 });
  await page.locator("input[name=crowd][value='0']").check({ force: true });
}
