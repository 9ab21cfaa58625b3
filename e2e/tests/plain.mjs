// Without JavaScript everything works.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "../lib/browser.mjs";

export default function plain(gate) {
  const visit = async (path) => {
    const page = await open(gate.browser, gate.url, { javaScriptEnabled: false, viewport: { width: 360, height: 740 } });
    const answer = await page.goto(path);
    assert.ok(answer.ok(), `${path} answers ${answer.status()}`);
    return page;
  };
  const close = (page) => page.context().close();

  test("without script: home leads to a place by its name without tones", async () => {
    const page = await visit("/");
    await page.locator("main input[type=search]").fill("phuc hoa bac ninh");
    await page.getByRole("button", { name: "Tìm nơi của bạn" }).click();
    await page.getByRole("link", { name: "Xã Phúc Hòa" }).first().click();
    assert.match(await page.locator("h1").innerText(), /Phúc Hòa/);
    assert.ok((await page.locator("main svg").count()) > 0, "the place has no map");
    await close(page);
  });

  test("without script: a measure, its table, and why a number is so", async () => {
    const page = await visit("/measures/so_htx");
    assert.ok((await page.locator("#bang tbody tr").count()) > 3);
    await page.getByRole("link", { name: "Vì sao có số này?" }).first().click();
    assert.match(page.url(), /\/why\?/);
    assert.match(await page.locator("main").innerText(), /Định nghĩa[\s\S]*Cách tính[\s\S]*Từ những nơi nào/);
    await close(page);
  });

  test("without script: period and map of a measure are chosen with a form", async () => {
    const page = await visit("/measures/so_htx");
    const head = await page.locator("h1").innerText();
    await page.locator("select[name=period]").selectOption({ index: 3 });
    await page.getByRole("button", { name: "Xem", exact: true }).click();
    assert.match(page.url(), /period=/);
    assert.notEqual(await page.locator("h1").innerText(), head);
    await close(page);
  });

  test("without script: sign in, enter a figure, keep it as a draft, sign out", async () => {
    const page = await visit("/sign-in?back=/enter");
    await page.getByLabel("Tên đăng nhập").fill("canbo");
    await page.getByLabel("Mật khẩu").fill("canbo");
    await page.getByRole("button", { name: "Đăng nhập", exact: true }).click();
    const cell = page.locator('input[name$=".tong_so_thon.v"]');
    await cell.fill("14");
    await page.getByRole("button", { name: "Lưu nháp" }).click();
    await page.goto("/enter");
    assert.equal(await cell.inputValue(), "14");
    await cell.fill("mười bốn");
    await page.getByRole("button", { name: "Lưu nháp" }).click();
    assert.equal(await cell.inputValue(), "mười bốn", "what was typed is gone");
    assert.equal(await cell.getAttribute("aria-invalid"), "true");
    await page.locator("details.narrow summary").click();
    await page.getByRole("button", { name: "Thoát" }).click();
    assert.equal((await page.goto("/me")).url().includes("/sign-in"), true);
    await close(page);
  });

  test("without script: a wrong password says so and keeps the name", async () => {
    const page = await visit("/sign-in");
    await page.getByLabel("Tên đăng nhập").fill("canbo");
    await page.getByLabel("Mật khẩu").fill("sai");
    await page.getByRole("button", { name: "Đăng nhập", exact: true }).click();
    assert.equal(await page.getByLabel("Tên đăng nhập").inputValue(), "canbo");
    assert.ok(await page.locator(".err, .notice").first().isVisible());
    await close(page);
  });
}

export const everywhere = true;
