// Documents, the programme tree, plans and targets: found, computed, drilled into, read another way by the owner.
import assert from "node:assert/strict";
import { test } from "node:test";
import { audit, open, overflow, signIn } from "../lib/browser.mjs";
import { look } from "../lib/look.mjs";

export const everywhere = true;

export default function programme(gate) {
  look(gate, {
    "": [
      "/programme", "/plans/924", "/plans/924?tree=today", "/plans/bac-giang-2023-2025", "/plans/thanh-hoa-2022-2025", "/plans/quang-xuong-2025", "/plans/ntm-2026-2035",
      "/plans/924/history", "/plans/minh-hoa-2026-2028", "/plans/minh-hoa-2026-2028/targets/M1", "/plans/minh-hoa-2026-2028/targets/M4", "/plans/924/targets/G2", "/plans/924/targets/E1", "/plans/bac-giang-2023-2025/targets/G2", "/plans/hcm-2025/targets/I1",
      "/documents", "/documents?q=252/KH", "/documents?q=khongcovanban", "/documents/924-QD-TTg",
    ],
    quantri: ["/plans/new", "/plans/import", "/plans/924/edit", "/plans/924/edit?target=G2", "/plans/924/text", "/documents/new", "/documents/924-QD-TTg/edit"],
  });

  test("a document number leads from the header to the list of who falls short", async () => {
    const page = await open(gate.browser, gate.url);
    await page.goto("/");
    await page.locator("header input[type=search]").fill("924");
    await page.keyboard.press("Enter");
    await page.locator('a[href="/documents/924-QD-TTg"]').first().click();
    await page.getByText("hết hiệu lực từ 01/01/2026").waitFor();
    await page.locator('a[href="/plans/924/targets/G2"]').first().click();
    await page.locator("h1", { hasText: /trong .* xã đạt/ }).waitFor();
    // From the nation to a province, to a commune's own figure and its reasons.
    await page.locator("#bang tbody tr th a").first().click();
    await page.locator("#bang tbody tr th a").first().click();
    await page.waitForURL(/\/why\?measure=/);
    await page.context().close();
  });

  test("252/KH, typed without tones, leads to its plan, its targets and who falls short", async () => {
    const page = await open(gate.browser, gate.url);
    await page.goto("/documents");
    await page.locator("main input[type=search]").fill("252/kh");
    await page.keyboard.press("Enter");
    await page.locator("main a", { hasText: "252/KH-UBND" }).first().click();
    await page.locator('main a[href="/plans/thanh-hoa-2022-2025"]').first().click();
    // What the press claimed stands beside what was computed, with its source.
    await page.getByText("công bố").first().waitFor();
    await page.getByText(/nguồn: báo chí Thanh Hóa/).first().waitFor();
    await page.locator('a[href^="/plans/thanh-hoa-2022-2025/targets/G2"]').first().click();
    const words = await page.locator("h1").textContent();
    assert.match(words, /^\d+ trong [\d.]+ xã đạt; \d+ chưa đạt/);
    await page.locator("#bang a", { hasText: /chưa đạt/i }).first().click();
    const short = page.locator("#bang tbody tr");
    assert.equal(String(await short.count()), words.match(/; (\d+) chưa đạt/)[1]);
    await short.first().locator("th a").click();
    await page.waitForURL(/\/why\?measure=/);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });

  test("a target that counts districts is closed on their last day and can still be read", async () => {
    const page = await open(gate.browser, gate.url);
    await page.goto("/plans/924/targets/G1c");
    await page.getByText("Đóng ngày 30/06/2025, ngày cuối cùng của cấp được đếm. Vẫn xem được").waitFor();
    assert.match(await page.locator("b.big").first().textContent(), /%$/);
    await page.context().close();
  });

  test("a plan that still runs says where its targets are heading, and how that is computed", async () => {
    const page = await open(gate.browser, gate.url);
    await page.goto("/plans/minh-hoa-2026-2028");
    await page.getByText("không phải văn bản thật").first().waitFor();
    const reasons = await page.locator("article.goal p.small:first-of-type, article.goal p.small").allTextContents();
    assert.ok(reasons.some((text) => /nếu giữ nhịp này thì đến 31\/12\/20\d\d/.test(text)), reasons.join("\n"));
    await page.goto("/plans/minh-hoa-2026-2028/targets/M1");
    await page.getByText("Chỉ là phép tính, không phải cam kết.").first().waitFor();
    await page.getByText(/Số mới nhất được duyệt lúc \d\d:\d\d/).waitFor();
    const answer = await page.request.get(await page.getByRole("link", { name: "Tải cả danh sách (Excel)" }).getAttribute("href"));
    assert.equal((await answer.body()).subarray(0, 2).toString(), "PK");
    await page.context().close();
  });

  test("the owner of the programme writes its report and gets it as a Word file", async () => {
    const page = await open(gate.browser, gate.url);
    await signIn(page, "quantri");
    await page.goto("/reports");
    await page.locator("#period").selectOption("2025");
    await page.getByRole("button", { name: "Mở báo cáo" }).click();
    await page.getByLabel("CÔNG TÁC CHỈ ĐẠO, ĐIỀU HÀNH").fill("Đã ban hành kế hoạch năm.");
    await page.getByRole("button", { name: "Lưu", exact: true }).click();
    await page.getByText("Đã lưu.").waitFor();
    await page.locator("section.paper", { hasText: "Đã ban hành kế hoạch năm." }).getByText("P1", { exact: true }).waitFor();
    for (const [name, kind] of [["Word", "wordprocessingml"], ["Phụ lục Excel", "spreadsheetml"]]) {
      const answer = await page.request.get(await page.getByRole("link", { name, exact: true }).first().getAttribute("href"));
      assert.equal(answer.status(), 200);
      assert.ok(answer.headers()["content-type"].includes(kind), answer.headers()["content-type"]);
    }
    assert.deepEqual(await audit(page), []);
    await page.setViewportSize({ width: 360, height: 740 });
    assert.deepEqual(await overflow(page), []);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });

  test("the owner switches the reading of an ambiguous sentence", async () => {
    const page = await open(gate.browser, gate.url);
    await signIn(page, "quantri");
    await page.goto("/plans/924/targets/E1");
    const before = await page.locator("b.big").first().textContent();
    await page.getByText("Chọn cách đọc khác").click();
    await page.locator("#reading").selectOption("co_htx");
    await page.locator("#reason").fill("Theo cách hiểu của cơ quan điều phối");
    await page.getByRole("button", { name: "Dùng cách này" }).click();
    await page.getByText("Đã ghi quyết định").waitFor();
    assert.notEqual(await page.locator("b.big").first().textContent(), before);
    await page.getByText("Theo cách hiểu của cơ quan điều phối").waitFor();
    await page.context().close();
  });

  test("a plan file with a mistake is refused with its line", async () => {
    const page = await open(gate.browser, gate.url);
    await signIn(page, "quantri");
    await page.goto("/plans/924/text");
    const text = await page.locator("#text").inputValue();
    await page.locator("#text").fill(text.replace('value = "97"', 'value = "197"'));
    await page.getByRole("button", { name: "Kiểm tra và lưu" }).click();
    await page.locator(".summary", { hasText: /dòng \d+, mục tiêu thứ \d+/ }).waitFor();
    assert.match(await page.locator("#text").inputValue(), /"197"/);
    await page.context().close();
  });
}
