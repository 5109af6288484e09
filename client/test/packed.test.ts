import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Server, startServer } from "./server.js";

// As a new user has it: the packed file, installed in an empty folder, against the real server.

const client = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "presence-user-"));
let server: Server;

beforeAll(async () => {
  server = await startServer();
  const [packed] = JSON.parse(execFileSync("npm", ["pack", "--json", "--silent", "--pack-destination", folder], { cwd: client }).toString().replace(/^[^[]*/, ""));
  writeFileSync(join(folder, "package.json"), `{"type":"module"}`);
  execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund", join(folder, packed.filename)], { cwd: folder, stdio: "pipe" });
}, 300_000);

afterAll(() => {
  server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function run(at: Server, script: string, ...args: string[]): string {
  copyFileSync(script, join(folder, "script.mjs"));
  return execFileSync("node", ["--experimental-websocket", "--no-warnings", "script.mjs", at.url, ...args], { cwd: folder, timeout: 120_000 }).toString();
}

/** What a page loads that imports a module: itself, and what it imports by a relative path. Throws for what isn't there. */
function modules(file: string, known = new Set<string>()): Set<string> {
  if (known.has(file)) return known;
  known.add(file);
  for (const [, path] of readFileSync(file, "utf8").matchAll(/^(?:import|export) (?:.* from )?"(.+)";$/gm)) {
    expect(path, `${file} imports it, and no import map knows it`).toMatch(/^\.\.?\//);
    modules(join(dirname(file), path!), known);
  }
  return known;
}

it("has all that the first page of docs/client.md imports", () => {
  const [, page] = /```html\n(.*?)```/s.exec(readFileSync(join(client, "../docs/client.md"), "utf8"))!;
  const [, map] = /<script type="importmap">(.*?)<\/script>/s.exec(page!)!;
  const { imports } = JSON.parse(map!) as { imports: Record<string, string> };
  const imported = [...page!.matchAll(/^ +import .*? from "(.+)";$/gm)].map(([, name]) => name!);
  expect(imported.sort()).toEqual(Object.keys(imports).sort());
  expect(imported.length).toBeGreaterThan(1);
  for (const path of Object.values(imports)) expect(modules(join(folder, path)).size).toBeGreaterThan(0);
});

it("tells the story of Ada and Ben", () => {
  expect(JSON.parse(run(server, join(client, "test/story.mjs")))).toEqual({
    seen: ["offline", "online", "busy", "offline", "online", "offline"],
    own: ["online", "busy", "appear_offline", "online"],
    asked: { ada: "offline", "model:helpdesk": "online" },
    ends: ["signed_out", "closed"],
  });
});

it("says and shows statuses", () => {
  expect(JSON.parse(run(server, join(client, "test/saying.mjs")))).toEqual({
    seen: ["🚆 On a train (stays)", "🚆 On a train", "none"],
    own: ["On a train", "On a train", "none"],
    busy: [["online", "auto", false], ["busy", "busy", true]],
  });
});

it("runs the examples", () => {
  expect(run(server, join(client, "examples/ai-helper.mjs"), "service", "summarizer")).toBe("summarizer is online\n");
  expect(run(server, join(client, "examples/direct-messages.mjs"), "service", "ada", "ben")).toContain("see each other");
});

it("renews its token before the server hangs up, and ends with one that can't be renewed", async () => {
  const secret = "0123456789abcdef0123456789abcdef";
  writeFileSync(join(folder, "secret"), secret);
  const strict = await startServer("--auth=jwt", `--jwt-key-file=${join(folder, "secret")}`);
  try {
    expect(JSON.parse(run(strict, join(client, "test/renewal.mjs"), secret))).toEqual({ statuses: ["open"], reason: "token_expired", code: 4002 });
  } finally {
    strict.stop();
  }
});
