// Cases, procedures, the calendar and certificates: how the pages look, and a step walked by two people.
import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { test } from "node:test";
import { api } from "../lib/api.mjs";
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

  const as = async (name, address, work) => {
    const page = await open(gate.browser, gate.url);
    await signIn(page, name);
    await page.goto(address);
    await work(page);
    assert.deepEqual(page.complaints.filter((text) => !text.includes("status of 422")), []);
    await page.context().close();
  };
  const done = (page) => page.waitForURL(/done=/);
  const attach = async (page, ...papers) => {
    for (const paper of papers) {
      const form = page.locator("form[enctype]");
      await page.locator("#papers details").evaluate((d) => (d.open = true));
      await form.locator("select[name=paper]").selectOption(paper);
      await form.locator("input[type=file]").setInputFiles({ name: `${paper}.pdf`, mimeType: "application/pdf", buffer: Buffer.from(`%PDF-1.4\n% ${paper} ${Math.random()}\n%%EOF\n`) });
      await form.getByRole("button").click();
      await page.locator("#papers").getByText(`${paper}.pdf`).waitFor();
    }
  };
  /** Does what a person would: opens the action, fills in, presses its button. */
  const act = async (page, title, fields = {}) => {
    const deed = page.locator("details.deed", { has: page.locator("summary", { hasText: title }) });
    const whole = (await deed.count()) ? deed.first() : page.locator("main");
    if (await deed.count()) await whole.evaluate((d) => (d.open = true));
    for (const [label, value] of Object.entries(fields)) {
      const box = whole.getByLabel(label);
      if (value === true) await box.check();
      else if ((await box.evaluate((e) => e.tagName)) === "SELECT") await box.selectOption(value);
      else await box.fill(value);
    }
    await whole.getByRole("button", { name: title }).click();
  };
  const agree = async (page, task) => {
    const answer = page.locator("details", { has: page.locator("summary", { hasText: task }) });
    await answer.evaluate((d) => (d.open = true));
    await answer.getByLabel("Đồng ý", { exact: true }).check();
    await answer.getByRole("button", { name: "Gửi ý kiến" }).click();
    await done(page);
  };
  const APPRAISALS = ["Thẩm định tiêu chí thuộc ngành", "Thẩm định tiêu chí thông tin", "Thẩm định tiêu chí văn hóa"];

  let asked;
  test("a commune asks for recognition: clerk, officer, Front, province; an unfinished scorecard stops it with a link to itself", async () => {
    let address;
    await as("vanthu", "/cases/new", async (page) => {
      await page.getByLabel("Quy trình").selectOption("recognition-commune");
      await page.getByLabel("Đơn vị").selectOption(gate.commune.id);
      await page.getByLabel("Tên hồ sơ").fill("Xã Phúc Hòa xin công nhận, lần hai");
      await page.getByRole("button", { name: "Mở hồ sơ" }).click();
      await done(page);
      address = new URL(page.url()).pathname;
      await attach(page, "report");
      await act(page, "Gửi lấy ý kiến", { "Danh hiệu đề nghị": "standard", "Năm đánh giá": "2026", "Không có nợ đọng": true, "Không phức tạp về an ninh": true });
      await done(page);
    });
    await as("mattran", address, async (page) => {
      await attach(page, "opinion");
      await agree(page, "Cho ý kiến về báo cáo");
    });
    await as("chuyenvien", address, async (page) => {
      await attach(page, "publication", "minutes", "request");
      await act(page, "Ghi việc công bố", { "Số lần thông báo": "6", "Công bố từ ngày": "2026-11-01", "Trong bao nhiêu ngày": "10" });
      await done(page);
      for (const title of ["Chuyển sang hoàn thiện", "Trình đề nghị công nhận"]) {
        await page.goto(address);
        await act(page, title);
        await done(page);
      }
    });
    await as("mattran", address, async (page) => {
      await attach(page, "survey");
      await act(page, "Nhập kết quả khảo sát", { "Tỷ lệ hộ được lấy ý kiến": "84", "Tỷ lệ hài lòng": "96" });
      await done(page);
    });
    // The People's Committee sees that there is a result, and not which.
    await as("chuyenvien", address, async (page) => {
      const text = await page.locator("main").innerText();
      assert.doesNotMatch(text, /96 %/);
      assert.match(text, /Tỷ lệ hài lòng/);
    });
    await as("thamdinh", address, async (page) => {
      await attach(page, "verification", "appraisal");
      await act(page, "Thẩm tra đạt");
      await done(page);
      for (const task of APPRAISALS) await agree(page, task);
      await page.goto(address);
      await act(page, "Trình Hội đồng thẩm định");
      await page.getByText("Đạt đủ các tiêu chí trên bảng chấm điểm").first().waitFor();
      await page.getByRole("link", { name: "Đạt đủ các tiêu chí trên bảng chấm điểm" }).first().click();
      assert.match(page.url(), /scorecards/);
      asked = { address, card: new URL(page.url()).pathname };
    });
  });

  /** Whether a code is what one of the keys signed: no address of ours is asked for that. */
  const genuine = (code, keys) => {
    const raw = Buffer.from(code.replace(/^.*CL1\./, ""), "base64url");
    return keys.some((hex) => {
      const key = createPublicKey({ format: "jwk", key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(hex, "hex").toString("base64url") } });
      return verify(null, raw.subarray(72), key, raw.subarray(8, 72));
    });
  };

  test("the same commune scores itself, the department accepts, the council votes, the chairman decides, the certificate verifies offline", async () => {
    const { address, card } = asked;
    // 8.4 is not scored by hand: it follows a figure, which the commune hands over and the province accepts.
    await as("canbo", `/enter?unit=${gate.commune.id}&period=2026`, async (page) => {
      await page.locator('input[name$=".dat_8_4.v"]').fill("đạt");
      await page.locator("[data-status]", { hasText: /^đã lưu/ }).waitFor();
      await page.getByRole("button", { name: "Lưu và nộp…" }).click();
      await page.waitForURL(/\/enter\/submit/);
      for (const word of await page.locator("main input[type=text]").all()) await word.fill("Theo sổ của xã.");
      await page.getByRole("button", { name: "Nộp lên cấp trên" }).click();
      await page.waitForLoadState();
    });
    await as("duyet", `/queue?unit=${gate.commune.id}&period=2026`, async (page) => {
      await page.locator("tbody tr", { has: page.locator('a[href*="measure=dat_8_4&"]') }).getByRole("button", { name: "Duyệt" }).click();
      await page.waitForLoadState();
    });
    await as("canbo", card, async (page) => {
      for (const box of await page.locator("select[name^='v.']:enabled").all()) await box.selectOption("yes");
      for (const box of await page.locator("input[name^='v.']:enabled").all()) {
        await box.fill(/n\/N/.test(await box.getAttribute("placeholder")) ? "100/100" : "5");
      }
      await page.getByRole("button", { name: "Ghi điểm tự chấm" }).click();
      await page.getByText("Đã ghi điểm tự chấm").waitFor();
    });
    await as("duyet", card, async (page) => {
      for (const box of await page.locator("input[name=i]:enabled").all()) await box.check();
      await page.getByRole("button", { name: "Chấp nhận mục đã chọn" }).click();
      await page.getByText("Đã thẩm định. Kết quả").waitFor();
    });
    await as("thamdinh", address, async (page) => {
      await act(page, "Trình Hội đồng thẩm định");
      await done(page);
    });
    let certificate;
    await as("chutichtinh", address, async (page) => {
      await attach(page, "ballot", "decision");
      await act(page, "Ghi kết quả bỏ phiếu tán thành", { "Số thành viên": "21", "Số phiếu tán thành": "20" });
      await done(page);
      await page.goto(address);
      await act(page, "Quyết định công nhận", { "Số quyết định": "16/QĐ-UBND", "Ngày quyết định": "2026-11-21", "Người quyết định": "Chủ tịch UBND tỉnh" });
      await done(page);
      certificate = await page.getByRole("link", { name: "Xem và kiểm tra" }).getAttribute("href");
    });
    await as("thamdinh", address, async (page) => {
      await act(page, "Công bố", { "Ngày công bố": "2026-11-24" });
      await done(page);
      assert.match(await page.locator("main").innerText(), /Đã công nhận/);
    });
    const { keys } = await api(gate.url, "certificates/keys");
    assert.ok(genuine(certificate, keys));
    assert.ok(!genuine(certificate.slice(0, -6) + (certificate.at(-6) === "A" ? "B" : "A") + certificate.slice(-5), keys));
    // What the case saw on the way stays with it, from the report of the commune to the vote.
    await as("canbo", address, async (page) => {
      const story = await page.locator("main").innerText();
      for (const word of ["Gửi lấy ý kiến", "Thẩm tra đạt", "Trình Hội đồng thẩm định", "bỏ phiếu", "16/QĐ-UBND"]) assert.ok(story.includes(word), `the story lacks ${word}`);
    });
  });

  test("one that meets everything: appraisers, the chairman's decision, a certificate that anybody checks", async () => {
    let address, certificate;
    await as("thamdinh", "/cases", async (page) => {
      await page.locator("main tr", { hasText: "Các sở, ngành thẩm định", hasNotText: "lần hai" }).getByRole("link").first().click();
      await page.waitForURL(/\/cases\/[0-9a-f-]{36}/);
      address = new URL(page.url()).pathname;
      await attach(page, "appraisal");
      for (const task of APPRAISALS) await agree(page, task);
      await page.goto(address);
      await act(page, "Trình Hội đồng thẩm định");
      await done(page);
    });
    await as("chutichtinh", address, async (page) => {
      await attach(page, "ballot", "decision");
      await act(page, "Ghi kết quả bỏ phiếu tán thành", { "Số thành viên": "20", "Số phiếu tán thành": "20" });
      await done(page);
      await page.goto(address);
      await act(page, "Quyết định công nhận", { "Số quyết định": "15/QĐ-UBND", "Ngày quyết định": "2026-11-20", "Người quyết định": "Chủ tịch UBND tỉnh" });
      await done(page);
      certificate = await page.getByRole("link", { name: "Xem và kiểm tra" }).getAttribute("href");
    });
    await as("thamdinh", address, async (page) => {
      await act(page, "Công bố", { "Ngày công bố": "2026-11-24" });
      await done(page);
      assert.match(await page.locator("main").innerText(), /Đã công nhận/);
    });
    const anybody = await open(gate.browser, gate.url);
    await anybody.goto(certificate);
    assert.match(await anybody.locator("main").innerText(), /15\/QĐ-UBND[\s\S]*đang có hiệu lực|đang có hiệu lực[\s\S]*15\/QĐ-UBND/);
    const forged = certificate.slice(0, -5) + (certificate.at(-5) === "A" ? "B" : "A") + certificate.slice(-4);
    assert.equal((await anybody.goto(forged)).status() >= 400, true);
    await anybody.context().close();
  });
}
