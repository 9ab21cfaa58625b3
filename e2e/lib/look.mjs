// Every page: WCAG A and AA in light and dark, wide and narrow, nothing sticking out at 360 px, no complaint in the console.
import assert from "node:assert/strict";
import { test } from "node:test";
import { audit, open, overflow, signIn } from "./browser.mjs";

/**
 * One test per page. `pages` says who sees which: {"": ["/"], canbo: ["/today"]}; `""` is the public, the others sign in with
 * the account of the demo of that name. `@commune`, `@province`, `@nation` and whatever else is in the gate stand for ids.
 * An address that answers with an error page on purpose is followed by its status: "/queue 403".
 */
export function look(gate, pages) {
  for (const [who, paths] of Object.entries(pages)) {
    let page;
    for (const line of paths) {
      const [path, status = "200"] = line.split(" ");
      test(`${path} ${who && `as ${who} `}in light and dark, at 1440 and 360 px`, async () => {
        if (!page) {
          page = await open(gate.browser, gate.url);
          if (who) await signIn(page, who);
        }
        const address = path.replace(/@(\w+)/g, (_, place) => gate[place].id ?? gate[place]);
        page.complaints.length = 0;
        await page.setViewportSize({ width: 1440, height: 900 });
        await page.emulateMedia({ colorScheme: "light" });
        const answer = await page.goto(address);
        assert.equal(String(answer.status()), status, `${address} answers ${answer.status()}`);
        const found = [];
        const examine = async (name, rules) => found.push(...(await audit(page, rules)).map((line) => `${name}: ${line}`));
        await examine("light 1440");
        await page.emulateMedia({ colorScheme: "dark" });
        await examine("dark 1440", ["color-contrast", "link-in-text-block"]);
        await page.setViewportSize({ width: 360, height: 740 });
        await examine("dark 360", ["color-contrast"]);
        await page.emulateMedia({ colorScheme: "light" });
        await examine("light 360");
        found.push(...(await overflow(page)).map((line) => `360: ${line}`));
        found.push(...page.complaints.filter((text) => status === "200" || !text.includes(`status of ${status}`)).map((text) => `console: ${text}`));
        assert.deepEqual(found, []);
      });
    }
    test(`leaving ${who || "the public pages"}`, async () => {
      await page?.context().close();
      assert.ok(page);
    });
  }
}
