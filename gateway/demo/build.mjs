// Bundles page/ into dist/index.html, one file with its style and script inside. With --check it says whether what is
// committed is what would come out, and changes nothing. esbuild is the client's.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const here = new URL(".", import.meta.url);
const { build } = createRequire(new URL("../../client/package.json", import.meta.url))("esbuild");

async function bundle(entry) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`page/${entry}`, here))],
    absWorkingDir: fileURLToPath(here), // so that the place of the repository doesn't show in the output
    bundle: true, minify: true, write: false, format: "esm", charset: "utf8", legalComments: "none",
    target: ["chrome123", "firefox128", "safari17.5"],
  });
  return outputFiles[0].text.trim();
}

const [page, style, script] = await Promise.all([readFile(new URL("page/index.html", here), "utf8"), bundle("main.css"), bundle("main.ts")]);
const made = page
  .replace("<style></style>", () => `<style>${style}</style>`)
  .replace(`<script type="module"></script>`, () => `<script type="module">${script}</script>`);

const file = new URL("dist/index.html", here);
if (process.argv.includes("--check")) {
  const committed = await readFile(file, "utf8").catch(() => "");
  if (committed !== made) {
    console.error("gateway/demo/dist/index.html is not what gateway/demo/page and client/src give; run: make demo");
    process.exit(1);
  }
} else {
  await mkdir(new URL("dist/", here), { recursive: true });
  await writeFile(file, made);
}
