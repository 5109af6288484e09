// Builds what npm packs. In a fresh copy, what the build needs is installed first, as package-lock.json says. All it says goes to
// stderr: what npm pack prints is the file's name.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const cwd = fileURLToPath(new URL("..", import.meta.url));

function run(...args) {
  const { status, error } = spawnSync("npm", args, { cwd, stdio: ["ignore", 2, 2] });
  if (status === 0) return;
  console.error(`npm ${args.join(" ")}: ${error?.message ?? `exit status ${status}`}; the package is not built`);
  process.exit(1);
}

if (!existsSync(new URL("../node_modules/typescript", import.meta.url))) {
  console.error("installing what the build needs: npm ci");
  run("ci", "--ignore-scripts");
}
run("run", "build");
