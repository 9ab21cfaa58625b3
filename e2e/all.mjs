// All browser tests, in one process with one browser. Each file of tests/ is a suite, in order of names:
//
//   export default function criteria(gate) { test("…", async () => { … gate.url, gate.browser, gate.commune … }) }
//   export const everywhere = true;   // if it writes: it also runs on PostgreSQL, not only on SQLite
//
// Pages that only have to look right and pass the audit are lines of a list given to `look` (lib/look.mjs).
import { after, before, describe } from "node:test";
import { readdirSync } from "node:fs";
import { launch } from "./lib/browser.mjs";
import { engines, start } from "./lib/server.mjs";
import { places } from "./lib/api.mjs";

const names = readdirSync(new URL("./tests/", import.meta.url)).filter((name) => name.endsWith(".mjs")).map((name) => name.slice(0, -4)).sort();
// E2E_ONLY=walk,pages runs some of them, while working on them.
const only = process.env.E2E_ONLY?.split(",");
for (const name of only ?? []) if (!names.includes(name)) throw new Error(`E2E_ONLY: no suite is called ${name}; there are ${names.join(", ")}`);
const suites = await Promise.all(names.filter((name) => !only || only.includes(name)).map((name) => import(`./tests/${name}.mjs`)));

for (const engine of engines) {
  const list = suites.filter((suite) => engine === "SQLite" || suite.everywhere);
  describe(engine, () => {
    /** What the suites share; filled before the first of them runs. */
    const gate = {};
    before(async () => {
      const server = await start(engine);
      gate.stop = server.stop;
      gate.url = server.url;
      gate.browser = await launch();
      Object.assign(gate, await places(gate.url));
    });
    after(async () => {
      await gate.browser?.close();
      await gate.stop?.();
    });
    for (const suite of list) suite.default(gate);
  });
}
