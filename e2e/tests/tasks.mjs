// A task from hand to hand, its money, and a report that is issued and watched.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, overflow, signIn } from "../lib/browser.mjs";

export const everywhere = true;

export default function tasks(gate) {
  let task;

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
