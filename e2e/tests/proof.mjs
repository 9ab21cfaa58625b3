// Evidence and rehearsal: pages looked at, and a slider that moves.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, signIn } from "../lib/browser.mjs";
import { look } from "../lib/look.mjs";

const REHEARSAL = "/rehearsal?set=minh-hoa-2026&year=2026";

export default function proof(gate) {
  look(gate, {
    canbo: ["/evidence/library?state=expiring"],
    duyet: [REHEARSAL, `${REHEARSAL}&m=3.1%3A%2B5`, "/rehearsal/scenarios"],
  });

  test("a slider moves and the answer follows; the address and the annex follow too", async () => {
    const page = await open(gate.browser, gate.url);
    await signIn(page, "duyet");
    await page.goto(REHEARSAL);
    const slider = page.locator("input[type=range]").first();
    const before = await page.locator("[data-result] h2").first().textContent();
    await slider.evaluate((range) => {
      range.value = range.max;
      range.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await page.waitForURL(/m=/);
    const after = await page.locator("[data-result] h2").first().textContent();
    assert.notEqual(after, before);
    assert.match(await page.locator("[data-annex]").getAttribute("href"), /m=/);
    await page.fill("#name", "Thử kéo hết thanh trượt");
    await page.click("form[data-keep] button");
    await page.waitForURL(/scenarios/);
    assert.match(await page.textContent("main"), /Thử kéo hết thanh trượt/);
    await page.context().close();
  });
}
