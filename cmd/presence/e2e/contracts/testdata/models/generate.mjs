// Makes types of a contract with modelina: node generate.mjs FILE
import { readFile } from "node:fs/promises";
import { GO_COMMON_PRESET, GoFileGenerator, TypeScriptFileGenerator } from "@asyncapi/modelina";

const contract = await readFile(process.argv[2], "utf8");
// Members named as they are on the wire.
const asWritten = { modelType: "interface", enumType: "union", mapType: "record", rawPropertyNames: true };
await new TypeScriptFileGenerator({ moduleSystem: "ESM", ...asWritten })
  .generateToFiles(contract, "ts", { exportType: "named" });
await new GoFileGenerator({ presets: [{ preset: GO_COMMON_PRESET, options: { addJsonTag: true } }] })
  .generateToFiles(contract, "presence", { packageName: "presence" });
