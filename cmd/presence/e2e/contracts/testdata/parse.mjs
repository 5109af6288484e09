// Reads a file with AsyncAPI's own parser, which checks it against the specification: node parse.mjs FILE
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

// modelina 5 reads 3.0.0 at most.
const ruleset = { rules: { "asyncapi-latest-version": "off" } };
const { document, diagnostics } = await new Parser({ ruleset }).parse(await readFile(process.argv[2], "utf8"));
for (const d of diagnostics) console.error(`${d.range.start.line + 1}: ${d.code}: ${d.message} (${d.path.join("/")})`);
if (!document || diagnostics.length > 0) process.exit(1);
console.log(`${document.allMessages().length} messages`);
