// Says what each entry weighs when a page bundles it, minified, compressed with gzip and with Brotli; fails when what every page imports
// is above the limit with gzip. The other entries are weighed as what they add to it.
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";

const limitBytes = 6 * 1024;

for (const entry of ["index", "react", "element", "token", "query", "visibility", "status", "react-status", "react-native"]) {
  const { outputFiles } = await build({
    entryPoints: [new URL(`../src/${entry}.ts`, import.meta.url).pathname],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    external: entry === "index" ? [] : ["react", "./presence.js"],
    write: false,
  });
  const bytes = gzipSync(outputFiles[0].contents, { level: 9 }).length;
  console.log(`${entry}\tgzip ${bytes} bytes${entry === "index" ? ` of ${limitBytes}` : ""}, Brotli ${brotliCompressSync(outputFiles[0].contents).length}`);
  if (entry === "index" && bytes > limitBytes) process.exitCode = 1;
}
