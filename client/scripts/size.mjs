// Says what each entry weighs when a page bundles it, minified, compressed with Brotli and with gzip; fails when the first is above the
// limit.
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";

const limitBytes = 6 * 1024;

for (const entry of ["index", "react", "element"]) {
  const { outputFiles } = await build({
    entryPoints: [new URL(`../src/${entry}.ts`, import.meta.url).pathname],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    external: ["react"],
    write: false,
  });
  const bytes = brotliCompressSync(outputFiles[0].contents).length;
  const gzipBytes = gzipSync(outputFiles[0].contents, { level: 9 }).length;
  console.log(`${entry}\tBrotli ${bytes} bytes of ${limitBytes}, gzip ${gzipBytes}`);
  if (bytes > limitBytes) process.exitCode = 1;
}
