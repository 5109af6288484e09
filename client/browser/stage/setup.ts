import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { TestProject } from "vitest/node";
import { buildBinary } from "./binary.ts";

declare module "vitest" {
  interface ProvidedContext {
    binary: string;
    /** The script of the tests' page. */
    script: string;
    /** The script of a page that uses a bare WebSocket. */
    bare: string;
  }
}

/** What all test files share: the binary and the pages' scripts. Their browser is that of browsers.ts. */
export default async function setup(project: TestProject): Promise<void> {
  const { directory, binary } = buildBinary();
  process.once("exit", () => rmSync(directory, { recursive: true })); // comes when the run is interrupted, too
  project.provide("binary", binary);
  project.provide("script", await bundle(fileURLToPath(new URL("page.ts", import.meta.url))));
  project.provide("bare", await bundle(fileURLToPath(new URL("bare.ts", import.meta.url))));
}

/** bundle makes one module of a file and what it imports. */
export async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, write: false, format: "esm" });
  return outputFiles[0]?.text ?? "";
}
