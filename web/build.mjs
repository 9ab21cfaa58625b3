// Bundles src/ into dist/, compresses each file beforehand, and fails when a file outgrows its budget (bytes, gzip).
import { build } from "esbuild";
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const budgets = { "gate.css": 7168, "gate.js": 4096, "sheet.js": 6144 };

await rm("dist", { recursive: true, force: true });
await mkdir("dist");
await build({
  entryPoints: ["src/gate.ts", "src/sheet.ts", "src/gate.css"],
  outdir: "dist",
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2020", "chrome80", "firefox78", "safari15"],
});
await cp("src/gate.svg", "dist/gate.svg");

let tooLarge = false;
for (const name of (await readdir("dist")).sort()) {
  const raw = await readFile(`dist/${name}`);
  const br = brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  const gz = gzipSync(raw, { level: 9 });
  await writeFile(`dist/${name}.br`, br);
  await writeFile(`dist/${name}.gz`, gz);
  const over = gz.length > (budgets[name] ?? Infinity);
  tooLarge ||= over;
  console.log(`${name}\t${raw.length}\tbr ${br.length}\tgz ${gz.length}${over ? "\tOVER BUDGET" : ""}`);
}
if (tooLarge) process.exit(1);
