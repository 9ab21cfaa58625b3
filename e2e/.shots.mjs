import { launch, open, signIn, audit, overflow } from "./lib/browser.mjs";
const [url, who, out, ...paths] = process.argv.slice(2);
const b = await launch();
for (const [tag, o] of [["1440", { viewport: { width: 1440, height: 900 } }], ["360", { viewport: { width: 360, height: 740 } }], ["dark", { viewport: { width: 1440, height: 900 }, colorScheme: "dark" }]]) {
  const p = await open(b, url, o);
  if (who !== "-") await signIn(p, who);
  for (const path of paths) {
    const r = await p.goto(path).catch((e) => ({ status: () => String(e) }));
    const name = path.replace(/[^a-z0-9]+/gi, "_").slice(0, 60);
    const h = await p.evaluate(() => document.documentElement.scrollHeight);
    await p.screenshot({ path: `${out}/${who}${name}-${tag}.png`, clip: { x: 0, y: 0, width: o.viewport.width, height: Math.min(h, tag === "360" ? 2200 : 1500) }, fullPage: true });
    const bad = [...(await overflow(p)), ...(tag !== "360" ? await audit(p) : []), ...p.complaints]; p.complaints = [];
    console.log(r.status(), tag, path, `h=${h}`, bad.length ? "\n   " + bad.join("\n   ") : "");
  }
  await p.context().close();
}
await b.close();
