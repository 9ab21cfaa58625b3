// Every page: WCAG A and AA in light and dark, wide and narrow, nothing sticking out at 360 px, no complaint in the console.
import assert from "node:assert/strict";
import { test } from "node:test";
import { audit, open, overflow, signIn } from "../lib/browser.mjs";

/** Who sees which page; `@commune`, `@province`, `@nation` stand for ids. */
const PAGES = {
  "": [
    "/", "/sign-in", "/search", "/search?q=phuc+hoa", "/search?q=khongconoinay",
    "/places", "/places?on=2025-06-30", "/places/search?q=thieu+trung", "/places/changes", "/places/@nation", "/places/@province", "/places/@commune", "/places/@province/units",
    "/measures", "/measures/so_htx", "/measures/so_htx?unit=@province&tree=today", "/measures/so_htx?unit=@commune", "/measures/ho_so_mang_xa", "/measures/buoc_chuyen_doi_so",
    "/why?measure=so_htx", "/why?measure=so_htx&unit=@province&tree=today", "/why?measure=so_htx&unit=@commune",
    "/compare", "/compare?measure=so_htx&a=24&b=38", "/completeness", "/completeness?unit=@province",
    "/api/v1/docs", "/khong-co-trang-nay",
  ],
  canbo: ["/today", "/enter", "/enter/grid?measure=so_htx&unit=@commune", "/enter/submit?unit=@commune&period=2026-Q3", "/evidence?unit=@commune&measure=so_htx&period=2026-Q3", "/intake", "/me", "/me/password", "/queue"],
  duyet: ["/today", "/queue", "/rounds", "/why?measure=so_htx&unit=@commune"],
  quantri: ["/today", "/admin/accounts", "/admin/accounts/new", "/admin/measures", "/admin/measures/new", "/admin/units", "/admin/changes"],
};
/** Addresses that are asked for on purpose although they answer with an error page. */
const REFUSED = new Set(["/khong-co-trang-nay", "/queue"]);

export default function pages(gate) {
  for (const [who, paths] of Object.entries(PAGES)) {
    let page;
    for (const path of paths) {
      test(`${path} ${who && `as ${who} `}in light and dark, at 1440 and 360 px`, async () => {
        if (!page) {
          page = await open(gate.browser, gate.url);
          if (who) await signIn(page, who);
        }
        const address = path.replace(/@(\w+)/g, (_, place) => gate[place].id);
        const refused = REFUSED.has(path) && !(who === "duyet");
        page.complaints.length = 0;
        await page.setViewportSize({ width: 1440, height: 900 });
        await page.emulateMedia({ colorScheme: "light" });
        const answer = await page.goto(address);
        assert.equal(answer.ok(), !refused, `${address} answers ${answer.status()}`);
        const found = [];
        const look = async (name, rules) => found.push(...(await audit(page, rules)).map((line) => `${name}: ${line}`));
        await look("light 1440");
        await page.emulateMedia({ colorScheme: "dark" });
        await look("dark 1440", ["color-contrast", "link-in-text-block"]);
        await page.setViewportSize({ width: 360, height: 740 });
        await look("dark 360", ["color-contrast"]);
        await page.emulateMedia({ colorScheme: "light" });
        await look("light 360");
        found.push(...(await overflow(page)).map((line) => `360: ${line}`));
        found.push(...page.complaints.filter((text) => !(refused && /status of 40[34]/.test(text))).map((text) => `console: ${text}`));
        assert.deepEqual(found, []);
      });
    }
    test(`leaving ${who || "the public pages"}`, async () => {
      await page?.context().close();
      assert.ok(page);
    });
  }
}
