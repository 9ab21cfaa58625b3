// Language, letter size, dark, and paper.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "../lib/browser.mjs";

const html = (page, name) => page.locator("html").getAttribute(name);
const colour = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const letters = (page) => page.evaluate(() => parseFloat(getComputedStyle(document.documentElement).fontSize));

export default function prefs(gate) {
  test("English and back, on the same page, kept", async () => {
    const page = await open(gate.browser, gate.url);
    await page.goto("/measures/so_htx?tree=today");
    const tools = page.locator("header .wide .tools");
    await tools.getByRole("link", { name: "English" }).click();
    assert.equal(await html(page, "lang"), "en");
    assert.match(page.url(), /\/measures\/so_htx\?tree=today/);
    assert.match(await page.locator("main").innerText(), /Why this number\?/);
    await page.goto("/places");
    assert.equal(await html(page, "lang"), "en");
    await tools.getByRole("link", { name: "Tiếng Việt" }).click();
    assert.equal(await html(page, "lang"), "vi");
    await page.context().close();
  });

  test("A+ and A− change the letters, and the choice stays", async () => {
    const page = await open(gate.browser, gate.url);
    await page.goto("/");
    const tools = page.locator("header .wide .tools");
    const size = await letters(page);
    await tools.getByRole("link", { name: "Chữ lớn hơn" }).click();
    const larger = await letters(page);
    assert.ok(larger > size * 1.05, `${larger} is not larger than ${size}`);
    await page.goto("/measures");
    assert.equal(await letters(page), larger);
    await page.setViewportSize({ width: 360, height: 740 });
    for (let step = 0; step < 2; step++) {
      await page.locator("details.narrow summary").click();
      await page.locator("details.narrow").getByRole("link", { name: "Chữ lớn hơn" }).click();
    }
    assert.ok((await letters(page)) > larger);
    assert.ok(await page.evaluate(() => document.scrollingElement.scrollWidth <= document.documentElement.clientWidth), "the largest letters stick out at 360 px");
    await page.setViewportSize({ width: 1440, height: 900 });
    for (let step = 0; step < 3; step++) await tools.getByRole("link", { name: "Chữ nhỏ hơn" }).click();
    assert.equal(await letters(page), size);
    await page.context().close();
  });

  test("dark by choice and by device", async () => {
    const page = await open(gate.browser, gate.url, { colorScheme: "light" });
    await page.goto("/");
    const light = await colour(page);
    await page.locator("header .wide .tools").getByRole("link", { name: "Tối" }).click();
    const dark = await colour(page);
    assert.notEqual(dark, light);
    await page.locator("header .wide .tools").getByRole("link", { name: "Sáng" }).click();
    assert.equal(await colour(page), light);
    await page.context().close();
    const device = await open(gate.browser, gate.url, { colorScheme: "dark" });
    await device.goto("/");
    assert.equal(await colour(device), dark);
    await device.context().close();
  });

  test("on paper: no header, no buttons, the table whole, dark ink on white even from a dark screen", async () => {
    const page = await open(gate.browser, gate.url, { colorScheme: "dark" });
    await page.goto("/measures/so_htx");
    assert.ok(await page.locator("header.top").isVisible());
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    for (const gone of ["header.top", "form.filters"]) assert.equal(await page.locator(gone).first().isVisible(), false, `${gone} is printed`);
    assert.ok(await page.locator("h1").isVisible());
    const ink = await page.evaluate(() => getComputedStyle(document.querySelector("h1")).color.match(/\d+/g).slice(0, 3).map(Number));
    assert.ok(Math.max(...ink) < 110, `the ink is ${ink}`);
    const cut = await page.evaluate(() => [...document.querySelectorAll(".scroll")].filter((e) => e.scrollHeight > e.clientHeight + 1).length);
    assert.equal(cut, 0, "a table is cut off on paper");
    const pdf = await page.pdf({ format: "A4" });
    assert.ok(pdf.length > 10_000);
    await page.context().close();
  });
}
