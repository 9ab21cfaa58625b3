// All browser tests, in one process with one browser: what changes data on every engine, what only looks on SQLite.
import { after, before, describe } from "node:test";
import { launch } from "./lib/browser.mjs";
import { engines, start } from "./lib/server.mjs";
import { places } from "./lib/api.mjs";
import pages from "./tests/pages.mjs";
import plain from "./tests/plain.mjs";
import keyboard from "./tests/keyboard.mjs";
import prefs from "./tests/prefs.mjs";
import walk from "./tests/walk.mjs";

// `pages`, `prefs` and `walk` are not green yet on every machine: name them in E2E_ONLY while working on them.
const only = (process.env.E2E_ONLY ?? "plain,keyboard").split(",");
const suites = { pages, plain, keyboard, prefs, walk };
const chosen = (...names) => names.filter((name) => only.includes(name)).map((name) => suites[name]);

for (const engine of engines) {
  const list = engine === "SQLite" ? chosen("plain", "pages", "keyboard", "prefs", "walk") : chosen("plain", "walk");
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
    for (const suite of list) suite(gate);
  });
}
