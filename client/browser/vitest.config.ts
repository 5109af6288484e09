import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// One file at a time, in one process: each has a cluster of its own, and the machine may have two cores.
export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    include: ["browser/**/*.test.ts"],
    globalSetup: "browser/stage/setup.ts",
    fileParallelism: false,
    isolate: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
