import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface Server {
  url: string;
  stop(): void;
}

/** Builds the real server, starts it on free ports, and says where. */
export async function startServer(...flags: string[]): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "presence-"));
  const binary = join(folder, "presence");
  execFileSync("go", ["build", "-o", binary, "./cmd/presence"], { cwd: join(import.meta.dirname, "../..") });
  const anyPort = ["listen", "admin-listen", "peer-listen", "gossip-listen"].map((name) => `--${name}=127.0.0.1:0`);
  const server = spawn(binary, ["serve", "--log-format=json", ...anyPort, ...flags], { stdio: ["ignore", "ignore", "pipe"] });
  const stop = (): void => {
    server.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  for await (const line of createInterface({ input: server.stderr })) {
    const { listen } = JSON.parse(line);
    if (listen) {
      server.stderr.resume();
      return { url: `http://${listen}`, stop };
    }
  }
  stop();
  throw new Error("the server ended without saying where it listens");
}
