// The whole path: an officer enters figures by form and workbook, a reviewer accepts, every level shows the new number at once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open, signIn } from "../lib/browser.mjs";
import { api } from "../lib/api.mjs";

const MEASURE = "thanh_vien_to_so";
const VALUE = 44;

export default function walk(gate) {
  let period;
  const number = async (unit, tree) => {
    const { items } = await api(gate.url, `figures?measure=${MEASURE}&period=${period}&unit=${unit.id}&tree=${tree}`);
    return Number(items[0].value ?? 0);
  };
  const before = {};

  test("walk: the officer's day begins with what is due", async () => {
    const page = await open(gate.browser, gate.url);
    await signIn(page, "canbo");
    await page.goto("/today");
    const href = await page.locator('main a.btn.go[href^="/enter"]').first().getAttribute("href");
    period = new URL(href, gate.url).searchParams.get("period");
    assert.match(period, /^\d{4}-/);
    for (const place of ["commune", "province", "nation"]) before[place] = await number(gate[place], "then");
    assert.equal(before.commune, 0, "the demo commune has its newest period still to fill");
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });

  test("walk: the workbook with deliberate faults comes back explained, its good rows are taken in", async () => {
    const page = await open(gate.browser, gate.url, { acceptDownloads: true });
    await signIn(page, "canbo");
    await page.goto("/intake");
    const dir = mkdtempSync(join(tmpdir(), "conglang-e2e-book."));
    const keep = async (link) => {
      const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
      const path = join(dir, download.suggestedFilename());
      await download.saveAs(path);
      return path;
    };
    const book = await keep(page.getByRole("link", { name: "Tải một tệp có lỗi cố ý" }));
    await page.locator("input[type=file]").setInputFiles(book);
    await page.getByRole("button", { name: "Tải lên và kiểm tra" }).click();
    await page.waitForURL(/\/intake\/[0-9a-f-]{36}/);
    const take = page.getByRole("button", { name: /giá trị đúng/ });
    await take.waitFor({ timeout: 30_000 });
    const main = page.locator("main");
    assert.match(await main.innerText(), /chỗ cần sửa/);
    const marked = await keep(page.getByRole("link", { name: "Tải tệp đã đánh dấu" }).first());
    assert.match(marked, /\.xlsx$/);
    await page.getByRole("button", { name: "Chỉ lưu nháp" }).click();
    await page.getByText("Các giá trị được lưu thành bản nháp").waitFor({ timeout: 30_000 });
    assert.deepEqual(page.complaints, []);
    rmSync(dir, { recursive: true });
    await page.context().close();
  });

  test("walk: what the workbook brought stands in the form; one figure is corrected there, all is handed over", async () => {
    const page = await open(gate.browser, gate.url);
    await signIn(page, "canbo");
    await page.goto(`/enter?unit=${gate.commune.id}&period=${period}`);
    const cell = page.locator(`input[name$=".${MEASURE}.v"]`);
    assert.notEqual(await cell.inputValue(), "", "the workbook's figure is not in the form");
    await cell.fill(String(VALUE));
    await page.locator("[data-status]", { hasText: /^đã lưu/ }).waitFor();
    await page.getByRole("button", { name: "Lưu và nộp…" }).click();
    await page.waitForURL(/\/enter\/submit/);
    for (const word of await page.locator("main input[type=text]").all()) await word.fill("Đã đối chiếu với sổ của tổ.");
    await page.getByRole("button", { name: "Nộp lên cấp trên" }).click();
    await page.waitForLoadState();
    assert.equal(await number(gate.commune, "then"), 0, "a figure shows before it is accepted");
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });

  test("walk: the province accepts; a dashboard open elsewhere shows it by itself", async () => {
    const citizen = await open(gate.browser, gate.url);
    await citizen.goto(`/measures/${MEASURE}?unit=${gate.commune.id}&period=${period}`);
    const region = citizen.locator("[data-live]").first();
    const old = await region.innerText();
    const page = await open(gate.browser, gate.url);
    await signIn(page, "duyet");
    await page.goto(`/queue?unit=${gate.commune.id}&period=${period}`);
    const row = page.locator("tbody tr", { hasText: "Xã Phúc Hòa" }).filter({ has: page.locator(`a[href*="measure=${MEASURE}"]`) });
    assert.match(await row.innerText(), new RegExp(String(VALUE)));
    assert.match(await row.innerText(), /nhập trên trang/, "the figure was corrected in the form");
    // waitForFunction would need eval, which the content-security policy forbids.
    const refreshed = async () => {
      while ((await region.innerText()) === old) await new Promise((done) => setTimeout(done, 20));
    };
    await Promise.all([refreshed(), row.getByRole("button", { name: "Duyệt" }).click()]);
    assert.match(await region.innerText(), new RegExp(`\\b${VALUE}\\b`));
    assert.deepEqual([...page.complaints, ...citizen.complaints], []);
    await page.context().close();
    await citizen.context().close();
  });

  for (const tree of ["then", "today"]) {
    test(`walk: commune, province and nation show the new number (${tree})`, async () => {
      const page = await open(gate.browser, gate.url);
      for (const place of ["commune", "province", "nation"]) {
        const now = await number(gate[place], tree);
        if (tree === "then") assert.equal(now - before[place], VALUE, place);
        await page.goto(`/measures/${MEASURE}?unit=${gate[place].id}&period=${period}&tree=${tree}`);
        const shown = now.toLocaleString("de-DE");
        assert.ok((await page.locator("[data-live]").first().innerText()).includes(shown), `${place}: ${shown} is not on its dashboard`);
      }
      await page.goto(`/places/${gate.commune.id}`);
      assert.match(await page.locator("#so-lieu").innerText(), new RegExp(`\\b${VALUE}\\b`), "the page of the commune");
      assert.deepEqual(page.complaints, []);
      await page.context().close();
    });
  }

  test("walk: the number opens down to who entered it and from which cell", async () => {
    const page = await open(gate.browser, gate.url);
    await signIn(page, "duyet");
    await page.goto(`/measures/${MEASURE}?unit=${gate.commune.id}&period=${period}`);
    await page.getByRole("link", { name: "Vì sao có số này?" }).first().click();
    const text = await page.locator("main").innerText();
    assert.match(text, /Nguyễn Thị Hoa/);
    assert.match(text, /thu-nhap-so-lieu\.xlsx/, "the workbook is not named");
    assert.match(text, /[A-Z]{1,2}\d+/, "the cell is not named");
    assert.match(text, /Trần Văn Bình/, "who accepted is not named");
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });

  test("walk: what a reviewer returns stands first in the officer's day, with the reason", async () => {
    const page = await open(gate.browser, gate.url);
    await signIn(page, "duyet");
    await page.goto(`/queue?unit=${gate.commune.id}&period=${period}`);
    const row = page.locator("tbody tr").first();
    assert.match(await row.innerText(), /tệp Excel: thu-nhap-so-lieu\.xlsx, ô .*[A-Z]{1,2}\d+/, "the queue does not name the cell");
    const title = (await row.locator('a[href*="/why"]').innerText()).trim();
    await row.locator("summary", { hasText: "Trả lại" }).click();
    await row.getByLabel("Cần sửa gì?").fill("Kiểm tra lại với sổ hộ");
    await row.getByRole("button", { name: "Trả lại" }).click();
    await page.waitForLoadState();
    const officer = await open(gate.browser, gate.url);
    await signIn(officer, "canbo");
    await officer.goto("/today");
    const first = officer.locator("main section").first();
    assert.match(await first.innerText(), /Kiểm tra lại với sổ hộ/);
    assert.ok((await first.innerText()).includes(title));
    assert.deepEqual([...page.complaints, ...officer.complaints], []);
    await page.context().close();
    await officer.context().close();
  });

  test("walk: a citizen sees the number and how it is computed, not the names", async () => {
    const page = await open(gate.browser, gate.url);
    await page.goto(`/why?measure=${MEASURE}&unit=${gate.commune.id}&period=${period}`);
    const text = await page.locator("main").innerText();
    assert.match(text, new RegExp(`\\b${VALUE}\\b`));
    assert.doesNotMatch(text, /Nguyễn Thị Hoa|Trần Văn Bình/);
    await page.context().close();
  });
}

export const everywhere = true;
