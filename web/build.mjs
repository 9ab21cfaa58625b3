// Bundles src/ into dist/, compresses each file beforehand, and fails when a file outgrows its budget (bytes, gzip).
// What has not changed is not written, so that Cargo has nothing to rebuild.
import { build } from "esbuild";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const budgets = { "gate.css": 5632, "office.css": 4096, "gate.js": 4096, "sheet.js": 6144, "rehearsal.js": 2048, "matrix.js": 2048, "passkey.js": 2048 };

const { outputFiles } = await build({
  entryPoints: ["src/gate.ts", "src/sheet.ts", "src/rehearsal.ts", "src/matrix.ts", "src/passkey.ts", "src/gate.css", "src/office.css"],
  outdir: "dist",
  bundle: true,
  minify: true,
  write: false,
  format: "esm",
  target: ["es2020", "chrome80", "firefox78", "safari15"],
});
const files = new Map(outputFiles.map((file) => [file.path.replace(/^.*[\\/]/, ""), Buffer.from(file.contents)]));
files.set("gate.svg", await readFile("src/gate.svg"));
// Charts in Word documents are drawn on the server with these; browsers never fetch them.
const fonts = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"];

let tooLarge = false;
for (const [name, raw] of [...files]) {
  const br = brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  const gz = gzipSync(raw, { level: 9 });
  files.set(`${name}.br`, br).set(`${name}.gz`, gz);
  const over = gz.length > (budgets[name] ?? Infinity);
  tooLarge ||= over;
  console.log(`${name}\t${raw.length}\tbr ${br.length}\tgz ${gz.length}${over ? "\tOVER BUDGET" : ""}`);
}
for (const font of fonts) files.set(font, await readFile(`node_modules/dejavu-fonts-ttf/ttf/${font}`));

await mkdir("dist", { recursive: true });
for (const stale of await readdir("dist")) if (!files.has(stale)) await rm(`dist/${stale}`);
for (const [name, bytes] of files) {
  const before = await readFile(`dist/${name}`).catch(() => undefined);
  if (!before?.equals(bytes)) await writeFile(`dist/${name}`, bytes);
}
if (tooLarge) process.exit(1);
