import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../..", import.meta.url));

/** buildBinary builds the server that the tests run, in a directory that the caller removes. */
export function buildBinary(): { directory: string; binary: string } {
  const directory = mkdtempSync(join(tmpdir(), "presence-browser-"));
  const binary = join(directory, "presence");
  execFileSync(process.env.GO ?? "go", ["build", "-o", binary, "./cmd/presence"], { cwd: repository, stdio: ["ignore", "inherit", "inherit"] });
  return { directory, binary };
}
