// Accounts: what is kept of people and what they may ask about it; accounts of other systems.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, signIn } from "../lib/browser.mjs";
import { look } from "../lib/look.mjs";

export const everywhere = true;

export default function gate(gate) {
  look(gate, {
    canbo: ["/me/data", "/me/data/copy", "/admin/personal 403"],
    quantri: ["/admin/personal", "/admin/accounts/new"],
  });

  test("gate: somebody asks to have their name mended; the administrator finds it on Hôm nay and answers with a reason", async () => {
    const officer = await open(gate.browser, gate.url);
    await signIn(officer, "canbo");
    await officer.goto("/me/data");
    await officer.getByLabel("Muốn gì").selectOption("name");
    await officer.getByLabel("Sai ở đâu, hoặc vì sao muốn xóa").fill("Thiếu chữ lót");
    await officer.getByLabel("Đúng phải là").fill("Nguyễn Thị Thu Hoa");
    await officer.getByRole("button", { name: "Gửi yêu cầu" }).click();
    await officer.getByText("Đã gửi yêu cầu").waitFor();
    const admin = await open(gate.browser, gate.url);
    await signIn(admin, "quantri");
    await admin.goto("/today");
    await admin.getByRole("link", { name: /Đính chính họ tên/ }).first().click();
    await admin.waitForURL(/\/admin\/personal/);
    const request = admin.locator("article", { hasText: "Thiếu chữ lót" });
    await request.getByLabel("Trả lời").fill("Căn cước ghi không có chữ lót");
    await request.getByRole("button", { name: "Từ chối" }).click();
    await admin.getByText("Đã trả lời").waitFor();
    await officer.goto("/me/data");
    assert.ok((await officer.locator("main").innerText()).includes("Căn cước ghi không có chữ lót"));
    await officer.goto("/me/data/copy");
    assert.match(await officer.locator("main").innerText(), /gửi yêu cầu về dữ liệu của mình/);
    for (const page of [officer, admin]) {
      assert.deepEqual(page.complaints, []);
      await page.context().close();
    }
  });

  test("gate: another system gets an account, a role and a token; it answers for itself until the token is revoked", async () => {
    const admin = await open(gate.browser, gate.url);
    await signIn(admin, "quantri");
    await admin.goto("/admin/accounts/new");
    await admin.getByLabel("Họ và tên").fill("Phần mềm một cửa");
    await admin.getByLabel("Tên đăng nhập").fill("mot-cua");
    await admin.getByLabel("Đơn vị").fill(gate.commune.id);
    await admin.getByLabel(/Tài khoản của một hệ thống khác/).check();
    await admin.getByLabel(/Hệ thống đó làm gì/).fill("Gửi số hồ sơ mỗi tháng; phụ trách: ông Minh");
    await admin.getByRole("button", { name: "Thêm", exact: true }).click();
    await admin.getByText("Đã lập tài khoản hệ thống").waitFor();
    const address = new URL(admin.url()).pathname;
    const role = admin.locator("form", { has: admin.getByRole("button", { name: "Cấp", exact: true }) });
    await role.getByLabel("Đơn vị").fill(gate.commune.id);
    await role.getByRole("button", { name: "Cấp", exact: true }).click();
    await admin.getByText("Đã cấp vai trò").waitFor();
    await admin.locator("#tokens details").evaluate((d) => (d.open = true));
    const form = admin.locator(`form[action="${address}/tokens"]`);
    await form.getByLabel("Tên mã").fill("máy chủ một cửa");
    await form.getByLabel("cán bộ nhập liệu").check();
    await form.getByLabel("Số liệu, minh chứng").selectOption("write");
    await form.getByRole("button", { name: "Tạo mã" }).click();
    const token = await admin.locator("code").first().innerText();
    const ask = () => fetch(`${gate.url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } });
    const me = await (await ask()).json();
    assert.equal(me.name, "Phần mềm một cửa (hệ thống: máy chủ một cửa)");
    await admin.goto(address);
    assert.ok(!(await admin.content()).includes(token), "the token is shown twice");
    await admin.getByRole("button", { name: /Thu hồi/ }).click();
    await admin.getByText("Đã thu hồi").waitFor();
    assert.equal((await ask()).status, 401);
    assert.deepEqual(admin.complaints, []);
    await admin.context().close();
  });
}
