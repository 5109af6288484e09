import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { freePorts } from "./ports.ts";

/** Running is a node as a process. */
export class Running {
  private log = "";
  private ended: Promise<unknown>;

  constructor(readonly id: string, readonly port: number, readonly admin: number, private process: ChildProcess) {
    process.stderr?.on("data", (b: Buffer) => { this.log = (this.log + b).slice(-20_000); });
    this.ended = once(process, "exit");
    running.add(this);
    void this.ended.then(() => running.delete(this));
  }

  get url(): string { return `http://127.0.0.1:${this.port}`; }

  /** kill ends the node as a power cut would, and waits for that. */
  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.ended;
  }

  /** output is the end of what the node has logged. */
  output(): string { return `--- ${this.id}\n${this.log}`; }

  /** end is for when this process ends. */
  end(): void { this.process.kill("SIGKILL"); }

  /** ready waits until the node serves. */
  async ready(): Promise<void> {
    await until(`${this.id} is ready`, async () => (await fetch(`http://127.0.0.1:${this.admin}/readyz`)).ok, () => this.output());
  }
}

const running = new Set<Running>();
process.on("exit", () => { for (const n of running) n.end(); });
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(1)); // without a listener there would be no exit event

interface Device { device_id: string; activity: "online" | "idle" }

/** Stage is some nodes, and what a backend does to them. */
export class Stage {
  constructor(readonly nodes: Running[]) {}

  /** logs are for a test that fails. */
  logs(): string { return this.nodes.map((n) => n.output()).join("\n"); }

  async close(): Promise<void> { await Promise.all(this.nodes.map((n) => n.kill())); }

  /** service is a call with the token that may do everything. */
  async service<T>(method: string, path: string, body?: unknown, node = this.nodes[0]): Promise<T | undefined> {
    const answer = await fetch(`${node?.url}${path}`, {
      method, headers: { Authorization: "Bearer service", "Content-Type": "application/json" }, body: body === undefined ? null : JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? undefined : (await answer.json()) as T;
  }

  /** devices are those of a participant, which only admins may see. */
  async devices(id: string): Promise<Device[]> {
    return (await this.service<{ devices: Device[] }>("GET", `/v1/presence/${id}`))?.devices ?? [];
  }

  /** blink lets somebody be online for one deadline, by a single heartbeat. Who watches learns when a deadline has passed. */
  async blink(id: string, node = this.nodes[0]): Promise<void> {
    await this.service("PUT", `/v1/presence/${id}/devices/once`, { activity: "online" }, node);
  }
}

/** start runs n nodes that know each other. */
export async function start(binary: string, n: number, flags: string[]): Promise<Stage> {
  const ports = await freePorts(4 * n);
  const seed = `127.0.0.1:${ports[3]}`;
  const nodes = Array.from({ length: n }, (_, i) => {
    const [listen, admin, peer, gossip] = ports.slice(4 * i, 4 * i + 4) as [number, number, number, number];
    const at = (name: string, port: number) => `--${name}=127.0.0.1:${port}`;
    const args = ["serve", `--node-id=n${i + 1}`, at("listen", listen), at("admin-listen", admin), at("peer-listen", peer), at("gossip-listen", gossip), ...flags];
    if (i > 0) args.push(`--join=${seed}`);
    return new Running(`n${i + 1}`, listen, admin, spawn(binary, args, { stdio: ["ignore", "ignore", "pipe"] }));
  });
  const stage = new Stage(nodes);
  await Promise.all(nodes.map((node) => node.ready()));
  await until("all nodes see each other", async () => {
    const seen = await Promise.all(nodes.map((node) => stage.service<{ members: unknown[]; moving: number; fingerprint: string }>("GET", "/v1/cluster", undefined, node)));
    return seen.every((c) => c?.members.length === n && c.moving === 0 && c.fingerprint === seen[0]?.fingerprint);
  }, () => stage.logs());
  return stage;
}

const patienceMs = 30_000; // for a machine that has much else to do

/** until asks again and again until the answer is yes. */
export async function until(what: string, ask: () => Promise<boolean>, context: () => string = () => ""): Promise<void> {
  const end = Date.now() + patienceMs;
  let cause: unknown; // of the last question that failed
  const failed = (e: unknown) => { cause = e; return false; };
  for (;;) {
    if (await ask().catch(failed)) return;
    if (Date.now() > end) throw new Error(`not within ${patienceMs / 1000} s: ${what}\n${context()}`, { cause });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
