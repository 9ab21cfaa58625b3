// Sets of criteria: the pages, and the path from the score of a commune to the appraisal of the province.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, signIn } from "../lib/browser.mjs";
import { look } from "../lib/look.mjs";
import { api } from "../lib/api.mjs";

export const everywhere = true;

const SET = "minh-hoa-2026";

export default function criteria(gate) {
  look(gate, {
    "": [
      "/criteria", "/criteria/commune-2021-2025", "/criteria/commune-2026-2030", "/criteria/smart-village-nam-dinh", "/criteria/commune-2021-2025/levels",
      "/criteria/compare", "/criteria/commune-2021-2025/matrix?year=2025&under=@province", "/criteria/commune-2021-2025/matrix?year=2025&under=vn", `/criteria/${SET}/scorecards/@commune/2026`, "/criteria/khong-co 404",
    ],
    canbo: [`/criteria/${SET}/scorecards/@commune/2026`, "/criteria/commune-2021-2025/scorecards/@commune/2025"],
    duyet: [
      `/criteria/${SET}/scorecards/@commune/2026`, `/criteria/${SET}/office/@province/2026`, "/rehearsal?set=commune-2021-2025&year=2024&m=3.1%3A%2B10",
      "/rehearsal/units?set=commune-2021-2025&year=2024&m=3.1%3A%2B10&which=lost",
    ],
    quantri: ["/admin/criteria", `/admin/criteria/${SET}`, "/criteria/commune-2021-2025/levels", `/criteria/${SET}/office/@province/2026`],
  });

  test("criteria: the officer scores, the province accepts, the result is a figure", async () => {
    const card = `/criteria/${SET}/scorecards/${gate.commune.id}/2026`;
    const measure = `kq_${SET.replaceAll("-", "_")}_8_1`;
    const officer = await open(gate.browser, gate.url);
    await signIn(officer, "canbo");
    await officer.goto(card);
    await officer.locator('select[name="v.8.1"]').selectOption("yes");
    await officer.locator('input[name="v.3.1"]').fill("70/100");
    await officer.getByRole("button", { name: "Ghi điểm tự chấm" }).click();
    await officer.getByText("Đã ghi điểm tự chấm").waitFor();
    assert.match(await officer.locator("[id='i-3.1']").innerText(), /chưa đạt/);
    assert.deepEqual(officer.complaints, []);
    await officer.context().close();

    const reviewer = await open(gate.browser, gate.url);
    await signIn(reviewer, "duyet");
    await reviewer.goto(card);
    await reviewer.locator('input[name="i"][value="3.1"]').check();
    await reviewer.getByRole("button", { name: "Chấp nhận mục đã chọn" }).click();
    await reviewer.getByText("Đã thẩm định. Kết quả").waitFor();
    const { items } = await api(gate.url, `figures?measure=kq_${SET.replaceAll("-", "_")}_3_1&period=2026&unit=${gate.commune.id}`);
    assert.equal(Number(items[0].value), 0, measure);
    assert.deepEqual(reviewer.complaints, []);
    await reviewer.context().close();
  });

  test("criteria: evidence of an older year proves the new one; the department appraises; the public sees it", async () => {
    const card = `/criteria/${SET}/scorecards/${gate.commune.id}/2026`;
    const older = `/criteria/commune-2021-2025/scorecards/${gate.commune.id}/2025`;
    const officer = await open(gate.browser, gate.url);
    await signIn(officer, "canbo");
    // What proves 8.2 in 2025: a new file.
    await officer.goto(older);
    await officer.locator("[id='i-8.2'] a", { hasText: "Minh chứng" }).click();
    const pdf = Buffer.from("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n");
    await officer.locator("input[type=file]").setInputFiles({ name: "bao-cao-vien-thong.pdf", mimeType: "application/pdf", buffer: pdf });
    await officer.locator("[name=number]").fill("77/BC-UBND");
    await officer.getByRole("button", { name: "Gửi" }).click();
    await officer.getByText("bao-cao-vien-thong.pdf").first().waitFor();
    // The 57 indicators print on one sheet of A4.
    await officer.goto(older);
    const sheets = (await officer.pdf({ format: "A4" })).toString("latin1").match(/\/Type\s*\/Page[^s]/g);
    assert.equal(sheets.length, 1);
    // The same file for 2026, without sending it again.
    await officer.goto(card);
    await officer.locator("[id='i-8.2'] a", { hasText: "Minh chứng" }).click();
    await officer.locator("label", { hasText: "bao-cao-vien-thong.pdf" }).locator("input[type=checkbox]").check();
    await officer.getByRole("button", { name: "Dùng lại tệp đã chọn" }).click();
    await officer.waitForLoadState();
    await officer.goto(card);
    assert.match(await officer.locator("[id='i-8.2']").innerText(), /Minh chứng \(1\)/);
    // Any note makes a new score of it, whatever stood there.
    await officer.locator("[id='i-8.2'] summary", { hasText: "Ghi chú" }).click();
    await officer.locator('input[name="n.8.2"]').fill("Theo báo cáo 77/BC-UBND");
    await officer.locator('select[name="v.8.2"]').selectOption("yes");
    await officer.getByRole("button", { name: "Ghi điểm tự chấm" }).click();
    await officer.getByText("Đã ghi điểm tự chấm").waitFor();
    assert.match(await officer.locator("[id='i-8.2']").innerText(), /chờ thẩm định/);
    assert.deepEqual(officer.complaints, []);
    await officer.context().close();

    // The administrator sets deadlines; they stand on the list of the reviewer.
    const admin = await open(gate.browser, gate.url);
    await signIn(admin, "quantri");
    const office = `/criteria/${SET}/office/${gate.province.id}/2026`;
    await admin.goto(office);
    await admin.locator("[name=score_by]").fill("2099-12-01");
    await admin.locator("[name=appraise_by]").fill("2099-12-20");
    await admin.getByRole("button", { name: "Ghi hạn" }).click();
    await admin.getByText("Đã ghi hạn").waitFor();
    assert.deepEqual(admin.complaints, []);
    await admin.context().close();

    const reviewer = await open(gate.browser, gate.url);
    await signIn(reviewer, "duyet");
    await reviewer.goto("/today");
    assert.match(await reviewer.locator("main").innerText(), /chỉ tiêu chờ thẩm định.*2026[\s\S]*20\/12\/2099/);
    await reviewer.goto(card);
    // The evidence opens from the scorecard.
    await reviewer.locator("[id='i-8.2'] a", { hasText: "Minh chứng" }).click();
    await reviewer.getByText("77/BC-UBND").first().waitFor();
    await reviewer.goto(card);
    await reviewer.locator('input[name="i"][value="8.2"]').check();
    await reviewer.getByRole("button", { name: "Chấp nhận mục đã chọn" }).click();
    await reviewer.getByText("Đã thẩm định. Kết quả").waitFor();
    assert.deepEqual(reviewer.complaints, []);
    await reviewer.context().close();
    const { items } = await api(gate.url, `figures?measure=kq_${SET.replaceAll("-", "_")}_8_2&period=2026&unit=${gate.commune.id}`);
    assert.equal(Number(items[0].value), 1);
    const open8 = await api(gate.url, `assessments/${SET}/${gate.commune.id}/2026`);
    const item = open8.items.find((i) => i.indicator === "8.2");
    assert.deepEqual([item.outcome, item.stage, item.evidence], ["met", "accepted", null]);
  });

  test("criteria: 100 % without evidence is flagged; a proof is previewed; the same seed draws the same list", async () => {
    const card = `/criteria/${SET}/scorecards/${gate.commune.id}/2026`;
    const officer = await open(gate.browser, gate.url);
    await signIn(officer, "canbo");
    await officer.goto(card);
    await officer.locator('input[name="v.3.1"]').fill("70/70");
    await officer.getByRole("button", { name: "Ghi điểm tự chấm" }).click();
    await officer.getByText("Đã ghi điểm tự chấm").waitFor();
    assert.match(await officer.locator("[id='i-3.1']").innerText(), /100% mà không có minh chứng/);
    // A picture as proof: the flag goes, and the proof opens in its page.
    await officer.locator("[id='i-3.1'] a", { hasText: "Minh chứng" }).click();
    const picture = await officer.screenshot({ type: "png", clip: { x: 0, y: 0, width: 240, height: 120 } });
    await officer.locator("input[type=file]").setInputFiles({ name: "anh-tram-vien-thong.png", mimeType: "image/png", buffer: picture });
    await officer.getByRole("button", { name: "Gửi" }).click();
    await officer.getByRole("link", { name: "anh-tram-vien-thong.png" }).first().click();
    const shown = officer.locator("img.preview");
    await shown.waitFor();
    await officer.waitForFunction(() => document.querySelector("img.preview").naturalWidth === 240);
    await officer.goto(card);
    assert.doesNotMatch(await officer.locator("[id='i-3.1']").innerText(), /100% mà không có minh chứng/);
    assert.deepEqual(officer.complaints, []);
    await officer.context().close();

    const reviewer = await open(gate.browser, gate.url);
    await signIn(reviewer, "duyet");
    await reviewer.goto(`/criteria/${SET}/office/${gate.province.id}/2026`);
    const lists = [];
    for (let time = 0; time < 2; time++) {
      await reviewer.locator("[name=count]").fill("3");
      await reviewer.locator("[name=seed]").fill("20261125");
      await reviewer.getByRole("button", { name: "Rút" }).click();
      await reviewer.locator("details", { hasText: "20261125" }).nth(time).waitFor({ state: "attached" });
      lists.push(await reviewer.locator("details", { hasText: "20261125" }).first().locator("li").allTextContents());
    }
    assert.ok(lists[0].length > 0 && lists[0].length <= 3, String(lists[0]));
    assert.deepEqual(lists[0], lists[1]);
    assert.deepEqual(reviewer.complaints, []);
    await reviewer.context().close();
  });

  test("criteria: every commune of the country under one scrollbar, a few hundred rows in hand", async () => {
    const page = await open(gate.browser, gate.url);
    const address = "/criteria/commune-2021-2025/matrix?year=2024&under=vn";
    await page.goto(address);
    const region = page.locator("[data-page]");
    const total = Number(await region.getAttribute("data-total"));
    assert.ok(total > 7_000, String(total));
    const rows = () => page.locator("[data-page] tbody tr:not([aria-hidden])").count();
    const names = () => page.locator("[data-page] tbody tr:not([aria-hidden]) th").allInnerTexts();
    const first = (await names())[0];
    await region.evaluate((e) => e.scrollTo(0, e.scrollHeight));
    // What stands at the end is what the last page says without script.
    const plain = await open(gate.browser, gate.url, { javaScriptEnabled: false });
    await plain.goto(`${address}&from=${Math.floor((total - 1) / 50) * 50}`);
    const last = await plain.locator("[data-page] tbody tr").last().locator("th").innerText();
    await plain.context().close();
    await page.locator("[data-page] tbody tr th", { hasText: last.split("\n")[0].trim() }).last().waitFor();
    await page.waitForFunction(() => document.querySelectorAll("[data-page] tbody tr:not([aria-hidden])").length < 400);
    // Rolled through without stopping, it never holds more than a few pages, and comes back to where it began.
    for (let step = 20; step >= 0; step--) {
      await region.evaluate((e, at) => e.scrollTo(0, e.scrollHeight * at), step / 20);
      await page.waitForTimeout(50);
      assert.ok((await rows()) < 400, `${await rows()} rows`);
    }
    await page.locator("[data-page] tbody tr th", { hasText: first.split("\n")[0].trim() }).first().waitFor();
    assert.equal((await names())[0], first);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });
}
