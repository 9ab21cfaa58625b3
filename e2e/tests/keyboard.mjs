// The keyboard alone: skip link, search box, and the sheet with arrows, pasted ranges, autosave and conflicts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, signIn } from "../lib/browser.mjs";

const saved = (page) => page.locator("[data-status]", { hasText: /^đã lưu/ }).waitFor();

/** As a spreadsheet's clipboard would. */
const paste = (cell, text) =>
  cell.evaluate((input, text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    input.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  }, text);

export default function keyboard(gate) {
  test("keyboard: the skip link comes first and leads to the content", async () => {
    const page = await open(gate.browser, gate.url);
    await page.goto("/");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
    assert.ok(await page.locator(".skip").isVisible());
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");
    await page.context().close();
  });

  test("keyboard: / opens the search box, arrows choose a suggestion, Enter opens it", async () => {
    const page = await open(gate.browser, gate.url);
    await page.goto("/places");
    await page.keyboard.press("/");
    const box = page.locator("header input[type=search]");
    assert.ok(await box.evaluate((e) => e === document.activeElement));
    await page.keyboard.type("phuc hoa");
    await page.locator("[role=option]").first().waitFor();
    assert.equal(await box.getAttribute("aria-expanded"), "true");
    await page.keyboard.press("ArrowDown");
    const chosen = page.locator("[role=option][aria-selected=true]");
    assert.equal(await chosen.count(), 1);
    assert.match(await chosen.innerText(), /Phúc Hòa/);
    await page.keyboard.press("Escape");
    assert.equal(await page.locator("[role=option]:visible").count(), 0);
    await page.keyboard.type(" bac ninh");
    await page.locator("[role=option]").first().waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/places\/[0-9a-f-]{36}/);
    assert.match(await page.locator("h1").innerText(), /Phúc Hòa/);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });

  test("keyboard: the sheet moves with arrows and Enter, and saves itself", async () => {
    const page = await open(gate.browser, gate.url);
    await signIn(page, "canbo");
    await page.goto("/enter");
    const cells = page.locator("[data-cell]:not([readonly]):not(.words)");
    const at = () => page.evaluate(() => document.activeElement.getAttribute("name"));
    const names = await cells.evaluateAll((all) => all.map((e) => e.name));
    const row = (name) => name.split(".")[1];
    await cells.first().focus();
    await page.keyboard.press("ArrowDown");
    assert.notEqual(row(await at()), row(names[0]));
    await page.keyboard.press("ArrowUp");
    assert.equal(await at(), names[0]);
    await page.keyboard.press("Enter");
    assert.notEqual(row(await at()), row(names[0]));
    await page.keyboard.press("Shift+Enter");
    assert.equal(await at(), names[0]);
    const pair = names.find((name) => name.endsWith(".n"));
    await page.locator(`[name="${pair}"]`).focus();
    await page.keyboard.press("ArrowRight");
    assert.equal(await at(), pair.replace(/n$/, "d"));
    const villages = page.locator('input[name$=".tong_so_thon.v"]');
    await villages.fill("13");
    await saved(page);
    await page.reload();
    assert.equal(await villages.inputValue(), "13");
    await villages.focus();
    await page.keyboard.type("99");
    await page.keyboard.press("Escape");
    assert.equal(await villages.inputValue(), "13");
    await page.locator('[data-state="saved"]').first().waitFor();
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });

  test("keyboard: a range copied from Excel is pasted over rows and columns", async () => {
    const page = await open(gate.browser, gate.url);
    await signIn(page, "canbo");
    await page.goto("/enter");
    const first = page.locator('input[name$=".can_bo_tap_huan.n"]');
    const next = await first.evaluate((input) => {
      const row = input.closest("tr").nextElementSibling;
      return row.querySelector("[data-cell]").name;
    });
    await first.focus();
    await paste(first, "31\t40\n52\n");
    await saved(page);
    await page.reload();
    assert.equal(await first.inputValue(), "31");
    assert.equal(await page.locator('input[name$=".can_bo_tap_huan.d"]').inputValue(), "40");
    assert.equal(await page.locator(`input[name="${next}"]`).inputValue(), "52");
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });

  test("keyboard: a cell that is wrong says why beside it; its mending is saved", async () => {
    const page = await open(gate.browser, gate.url);
    await signIn(page, "canbo");
    await page.goto("/enter");
    const n = page.locator('input[name$=".can_bo_tap_huan.n"]');
    const of = page.locator('input[name$=".can_bo_tap_huan.d"]');
    await of.fill("40");
    await n.fill("45");
    await page.locator(".note").first().waitFor();
    assert.equal(await page.locator('[name$=".can_bo_tap_huan.n"], [name$=".can_bo_tap_huan.d"]').evaluateAll((all) => all.some((e) => e.getAttribute("aria-invalid") === "true")), true);
    assert.match(await page.locator("[data-status]").innerText(), /cần xem lại/);
    await n.fill("38");
    await saved(page);
    assert.equal(await page.locator(".note").count(), 0);
    await page.context().close();
  });

  test("keyboard: two officers on one cell: the second sees the first's value and chooses", async () => {
    const one = await open(gate.browser, gate.url);
    await signIn(one, "canbo");
    await one.goto("/enter");
    const two = await open(gate.browser, gate.url);
    await signIn(two, "canbo");
    await two.goto("/enter");
    const cell = (page) => page.locator('input[name$=".thon_lom_song.v"]');
    await cell(one).fill("3");
    await saved(one);
    await cell(two).fill("4");
    const take = two.getByRole("button", { name: "Lấy 3" });
    await take.waitFor();
    assert.ok(await two.getByRole("button", { name: "Giữ 4" }).isVisible());
    await two.getByRole("button", { name: "Giữ 4" }).click();
    await saved(two);
    await one.reload();
    assert.equal(await cell(one).inputValue(), "4");
    await one.context().close();
    await two.context().close();
  });

  test("keyboard: without signal nothing typed is lost; with signal it is sent", async () => {
    const page = await open(gate.browser, gate.url);
    await signIn(page, "canbo");
    await page.goto("/enter");
    const cell = page.locator('input[name$=".thanh_vien_to_so.v"]');
    await page.context().setOffline(true);
    await cell.fill("46");
    await page.locator("[data-status]", { hasText: "đang giữ trên máy này" }).waitFor();
    await page.context().setOffline(false);
    await saved(page);
    await page.reload();
    assert.equal(await cell.inputValue(), "46");
    await page.context().close();
  });
}
