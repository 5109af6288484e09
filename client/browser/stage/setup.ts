import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { TestProject } from "vitest/node";
import { buildBinary } from "./binary.ts";
import { launch } from "./chromium.ts";

declare module "vitest" {
  interface ProvidedContext {
    binary: string;
    /** Where Chromium is driven. */
    chromium: string;
    /** The script of the tests' page. */
    script: string;
  }
}

/** What all test files share: the binary, one Chromium, and the page's script. The function it returns ends them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { directory, binary } = buildBinary();
  process.once("exit", () => rmSync(directory, { recursive: true })); // comes when the run is interrupted, too
  const chromium = await launch();
  project.provide("binary", binary);
  project.provide("chromium", chromium.wsEndpoint());
  project.provide("script", await bundle(fileURLToPath(new URL("page.ts", import.meta.url))));
  return () => chromium.close();
}

/** bundle makes one module of a file and what it imports. */
export async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, write: false, format: "esm" });
  return outputFiles[0]?.text ?? "";
}
