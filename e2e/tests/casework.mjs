// Cases, procedures, the calendar and certificates: how the pages look, and a step walked by two people.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, signIn } from "../lib/browser.mjs";
import { look } from "../lib/look.mjs";

export const everywhere = true;

export default function casework(gate) {
  look(gate, {
    "": ["/procedures", "/procedures/recognition-commune", "/procedures/recognition-village", "/calendar?year=2026&from=2024-04-26&days=5", "/verify", "/verify/CL1.AAAA 404"],
    canbo: ["/cases", "/cases?list=mine", "/cases/new"],
    quantri: ["/admin/procedures/recognition-commune", "/admin/procedures/recognition-commune/rehearse", "/admin/calendar"],
  });

  test("a case opens into what to do next, its clock and its story; the Front answers; the committee goes on", async () => {
    const officer = await open(gate.browser, gate.url);
    await signIn(officer, "canbo");
    await officer.goto("/cases");
    await officer.getByRole("link", { name: /Công nhận Xã Phúc Hòa/i }).first().click();
    const main = officer.locator("main");
    assert.match(await main.innerText(), /Việc tiếp theo[\s\S]*Thời hạn[\s\S]*Diễn biến|Việc tiếp theo/);
    await officer.getByText("Tính từng ngày").first().click();
    assert.match(await main.innerText(), /Ngày nhận, không tính/);
    const address = officer.url();

    const front = await open(gate.browser, gate.url);
    await signIn(front, "mattran");
    await front.goto(address);
    await front.locator("select[name=paper]").selectOption("opinion", { force: true });
    await front.locator("details", { has: front.locator("input[type=file]") }).evaluate((d) => (d.open = true));
    await front.locator("input[type=file]").setInputFiles({ name: "y-kien.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n% y kien\n%%EOF\n") });
    await front.locator("form[enctype] button").click();
    await front.getByText("Đã đính kèm").waitFor();
    await front.getByLabel("Đồng ý", { exact: true }).check();
    await front.getByRole("button", { name: "Gửi ý kiến" }).click();
    await front.getByText("Đã ghi nhận").waitFor();

    await officer.reload();
    assert.match(await main.innerText(), /đồng ý/);
    await officer.locator("summary", { hasText: "Chuyển sang hoàn thiện" }).click();
    await officer.getByRole("button", { name: "Chuyển sang hoàn thiện" }).click();
    await officer.getByText("Đã ghi nhận").waitFor();
    assert.match(await main.innerText(), /Hoàn thiện báo cáo/);
    for (const page of [officer, front]) {
      assert.deepEqual(page.complaints, []);
      await page.context().close();
    }
  });
}
