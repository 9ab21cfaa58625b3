// A task from hand to hand, its money, and a report that is issued and watched.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, overflow, signIn } from "../lib/browser.mjs";
import { look } from "../lib/look.mjs";

export const everywhere = true;

export default function tasks(gate) {
  let task;

  look(gate, {
    duyet: ["/tasks", "/tasks?view=list&late=1", "/tasks?view=owners", "/tasks/new", "/tasks/import", "/tasks/money", "/tasks/works", "/reports"],
  });

  test("tasks: a province gives a task, hands it down to communes and writes down its money", async () => {
    const page = await open(gate.browser, gate.url);
    await signIn(page, "duyet");
    await page.goto("/tasks/new");
    await page.locator("[name=title]").fill("Phủ sóng nhà văn hóa thôn");
    await page.locator("[name=owner]").fill("Thành phố Bắc Ninh");
    await page.locator("[name=due_days]").fill("15");
    await page.locator("main form button.go").last().click();
    await page.locator("h1", { hasText: "Phủ sóng nhà văn hóa thôn" }).waitFor();
    const given = new URL(page.url()).pathname;
    await page.getByText("Cập nhật kinh phí").click();
    await page.locator("#source").selectOption("province");
    await page.locator("#planned").fill("1.200,5");
    await page.locator("#spent").fill("300");
    await page.getByRole("button", { name: "Lưu kinh phí" }).click();
    await page.locator("#money td", { hasText: "1.200,5" }).first().waitFor();
    await page.goto(given);
    await page.getByText("Giao xuống đơn vị dưới").click();
    await page.locator("input[name=unit]").nth(0).check();
    await page.locator("input[name=unit]").nth(1).check();
    await page.locator(`form[action="${given}/cascade"] button`).click();
    await page.getByText("0 trong 2 đơn vị đã xong").waitFor();
    // The sums of the sources are the total.
    await page.goto("/tasks/money?year=2026");
    const number = (text) => Number(text.replaceAll(".", "").replace(",", "."));
    const rows = page.locator("table", { hasText: "Ngân sách tỉnh" }).first();
    const planned = await rows.locator("tbody tr").evaluateAll((list) => list.map((tr) => [tr.children[0].textContent.trim(), tr.children[1].textContent.trim()]));
    const total = await rows.locator("tfoot tr, tbody tr", { hasText: "Cộng" }).last().locator("td").first().textContent();
    const sum = planned.filter(([name]) => !name.startsWith("Cộng")).reduce((all, [, value]) => all + (number(value) || 0), 0);
    assert.ok(Math.abs(sum - number(total)) < 0.5, `${sum} is not ${total}`);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });

  test("tasks: the officer's day names the task; the deadline opens day by day", async () => {
    const page = await open(gate.browser, gate.url);
    await signIn(page, "canbo");
    await page.goto("/today");
    await page.locator('main a[href^="/tasks/"]').first().click();
    task = new URL(page.url()).pathname;
    await page.getByRole("link", { name: "Tính thế nào?" }).click();
    await page.getByText("ngày giao, không tính").waitFor();
    assert.deepEqual(await overflow(page), []);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });

  test("tasks: done needs proof, and somebody else confirms", async () => {
    const officer = await open(gate.browser, gate.url);
    await signIn(officer, "canbo");
    await officer.goto(task);
    await officer.getByRole("button", { name: "Báo đã xong" }).click();
    await officer.getByText("Chưa có sản phẩm hay văn bản nào chứng minh đã xong.").first().waitFor();
    await officer.getByText("Thêm minh chứng").click();
    await officer.getByLabel("Số, ký hiệu văn bản").fill("77/BC-UBND");
    await officer.getByRole("button", { name: "Gửi minh chứng" }).click();
    await officer.getByText("Đã nhận sản phẩm, minh chứng.").waitFor();
    await officer.getByRole("button", { name: "Báo đã xong" }).click();
    await officer.getByText("Bạn đã báo xong").waitFor();

    const reviewer = await open(gate.browser, gate.url);
    await signIn(reviewer, "duyet");
    await reviewer.goto(task);
    await reviewer.getByText("77/BC-UBND").first().waitFor();
    await reviewer.getByRole("button", { name: "Xác nhận hoàn thành" }).click();
    await reviewer.getByText("Đã cập nhật trạng thái.").waitFor();
    await officer.goto(task);
    await officer.getByText("đã xác nhận").first().waitFor();
    assert.deepEqual(reviewer.complaints, []);
    await Promise.all([officer.context().close(), reviewer.context().close()]);
  });

  test("tasks: a report carries its words, is issued under a number, and stays", async () => {
    const page = await open(gate.browser, gate.url);
    await signIn(page, "canbo");
    await page.goto("/reports");
    await page.locator("tbody tr", { hasText: "đang soạn" }).first().getByRole("link").click();
    await page.getByText("mục còn nguyên chữ của kỳ trước").waitFor();
    await page.getByLabel("KHÓ KHĂN, VƯỚNG MẮC").fill("Có {so_ho} hộ cần hướng dẫn.");
    await page.getByRole("button", { name: "Lưu", exact: true }).click();
    await page.getByText("Đã lưu.").waitFor();
    await page.getByRole("button", { name: "Ban hành" }).click();
    await page.getByText("Đã ban hành. Bản này được giữ nguyên").waitFor();
    const file = await page.getByRole("link", { name: "Word", exact: true }).last().getAttribute("href");
    const answer = await page.request.get(file);
    assert.equal(answer.status(), 200);
    assert.equal((await answer.body()).subarray(0, 2).toString(), "PK");
    assert.deepEqual(await overflow(page), []);
    await page.context().close();
  });
}
