// Types of what the seats answer, written from the OpenAPI documents that the built binary prints.
// `node gen-api.mjs` writes src/api/generated; with `--check` it only says which of them are no longer true.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const BINARY = process.env.SHOUHU_BIN ?? fileURLToPath(new URL("../target/debug/shouhu", import.meta.url));
const SEATS = ["centre", "bank", "operator"];
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
const checking = process.argv.includes("--check");

if (!existsSync(BINARY)) {
  process.stderr.write(`gen-api: no binary at ${BINARY}; run: cargo build, or set SHOUHU_BIN\n`);
  process.exit(1);
}

/** The paths of a seat as the console asks for them, one union for reading and one for acting; and the rights they ask for. */
function pathsOf(document) {
  const reads = new Set();
  const acts = new Set();
  for (const [path, methods] of Object.entries(document.paths)) {
    const asked = path.replace(/^\/api/, "").replace(/\{\w+\}/g, () => "${string}");
    for (const method of Object.keys(methods)) (method === "get" ? reads : acts).add(asked.includes("${") ? `\`${asked}\`` : `"${asked}"`);
  }
  const rights = new Set(Object.values(document.paths).flatMap((methods) => Object.values(methods)).flatMap((one) => one.security ?? []).flatMap((one) => Object.values(one).flat()).map((right) => `"${right}"`));
  const union = (name, about, all) => `/** ${about} */\nexport type ${name} =\n${[...all].sort().map((one) => `  | ${one}`).join("\n")};\n`;
  return `${union("Reads", "What is read with GET.", reads)}${union("Acts", "What is changed.", acts)}${union("Rights", "Rights by which routes are open.", rights)}`;
}

/** Only the shapes: the console names its paths itself, and the operations would make nine tenths of the file. */
async function written(seat) {
  const document = JSON.parse(execFileSync(BINARY, [seat, "openapi"], { encoding: "utf8", maxBuffer: OUTPUT_BYTES_MAX }));
  const pages = Object.entries(document.components.schemas).filter(([name]) => name.startsWith("List_"));
  for (const [name] of pages) delete document.components.schemas[name];
  const shapes = astToString(await openapiTS({ ...document, paths: {}, components: { schemas: document.components.schemas } }, {
    emptyObjectsUnknown: true,
    // A default fills what a request leaves out; an answer always carries it.
    defaultNonNullable: true,
  }));
  const schemas = /^export interface components \{\n([\s\S]*?)\n\}\n/m.exec(shapes)?.[1];
  if (!schemas) throw new Error(`nothing to keep of the document of the ${seat}`);
  const inside = schemas.split("\n").filter((line) => !/^ {4}(responses|parameters|requestBodies|headers|pathItems): never;$/.test(line)).join("\n");
  return `/** Written by \`npm run gen:api\` from \`shouhu ${seat} openapi\`; changes are made there. */\n\n/* oxlint-disable */\nexport interface components {\n${inside}\n}\n${pathsOf(document)}`;
}

const stale = [];
for (const seat of SEATS) {
  const file = new URL(`src/api/generated/${seat}.ts`, import.meta.url);
  const text = await written(seat);
  if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
  if (checking) stale.push(seat);
  else {
    writeFileSync(file, text);
    process.stdout.write(`src/api/generated/${seat}.ts written\n`);
  }
}
if (stale.length > 0) {
  process.stderr.write(`gen-api: the types of ${stale.join(" and ")} are not those of ${BINARY}; run: npm run gen:api\n`);
  process.exit(1);
}
