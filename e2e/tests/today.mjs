// Hôm nay: what is due for each of the people of the demo, reminders, the calendar feed, the burden.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, signIn } from "../lib/browser.mjs";
import { look } from "../lib/look.mjs";

export const everywhere = true;

export default function today(gate) {
  look(gate, {
    canbo: ["/today", "/today?kind=case", "/me/reminders"],
    vanthu: ["/today"],
    chutich: ["/today"],
    thamdinh: ["/today"],
    mattran: ["/today"],
    duyet: ["/today", "/burden?unit=@province"],
  });

  const as = async (name, work) => {
    const page = await open(gate.browser, gate.url);
    await signIn(page, name);
    await page.goto("/today");
    await work(page);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  };
  const words = (page) => page.locator("main").innerText();

  test("today: each finds what is theirs, late first, and nobody what is not", async () => {
    await as("chutich", async (page) => {
      const text = await words(page);
      assert.match(text, /05\.KT Báo cáo tiêu chí thông tin và truyền thông/);
      assert.match(text, /Ký/);
      assert.doesNotMatch(text, /Cho ý kiến về báo cáo/);
    });
    await as("thamdinh", async (page) => {
      const text = await words(page);
      assert.match(text, /Công nhận Xã Tân Yên/);
      assert.match(text, /Thẩm tra/);
    });
    await as("mattran", async (page) => assert.doesNotMatch(await words(page), /05\.KT|Tân Yên/));
    await as("chuyenvien", async (page) => {
      const text = await words(page);
      assert.ok(text.indexOf("06.KT") < text.indexOf("07.KT"), "what is late comes first");
      await page.locator("main").getByRole("link", { name: /06\.KT/ }).first().click();
      await page.waitForURL(/\/dossiers\//);
    });
  });

  test("today: a calendar feed is shown once and read without signing in; ended, it is gone", () =>
    as("canbo", async (page) => {
      await page.goto("/me/reminders");
      await page.getByRole("button", { name: /Tạo địa chỉ lịch|Đổi địa chỉ mới/ }).click();
      const feed = (await page.locator("code.wrap").innerText()).trim();
      const anybody = await open(gate.browser, gate.url);
      const path = new URL(feed).pathname;
      const answer = await anybody.request.get(path);
      assert.equal(answer.status(), 200);
      assert.match(await answer.text(), /BEGIN:VCALENDAR[\s\S]*END:VCALENDAR/);
      await page.goto("/me/reminders");
      await page.getByRole("button", { name: /Thôi dùng/ }).click();
      assert.equal((await anybody.request.get(path)).status(), 404);
      await anybody.context().close();
    }));
}
