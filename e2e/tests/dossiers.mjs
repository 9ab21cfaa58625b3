// From a letter to the archive, in the four posts of the demo: clerk, officer, head, clerk again; then the share.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { look } from "../lib/look.mjs";
import { open, signIn } from "../lib/browser.mjs";

export const everywhere = true;

const SIGNED = fileURLToPath(new URL("../../crates/server/src/demo_files/da-ky.pdf", import.meta.url));

export default function dossiers(gate) {
  look(gate, {
    vanthu: ["/dossiers", "/registers", "/registers?book=out", "/registers/new", "/registers/new?book=out", "/registers/numbers", "/registers/import", "/dossiers/new", "/dossiers/list", "/dossiers/reports", "/dossiers/search?q=vai+thieu", "/dossiers/share?unit=@commune"],
    chutich: ["/dossiers", "/dossiers?state=closed", "/dossiers/reports"],
    quantri: ["/dossiers/share?unit=@province", "/dossiers 403"],
  });

  let dossier, draft;
  const as = async (name, work) => {
    const page = await open(gate.browser, gate.url, { acceptDownloads: true });
    await signIn(page, name);
    await work(page);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  };
  const done = (page) => page.waitForURL(/done=/);

  test("dossiers: the clerk registers a letter and opens a dossier from it", () =>
    as("vanthu", async (page) => {
      await page.goto("/registers/new");
      await page.getByLabel("Cơ quan gửi").fill("Sở Khoa học và Công nghệ");
      await page.getByLabel("Số, ký hiệu", { exact: true }).fill("905/SKHCN");
      await page.getByLabel("Loại văn bản").selectOption("cong_van");
      await page.getByLabel("Trích yếu").fill("V/v khảo sát điểm truy cập mạng tại nhà văn hóa");
      await page.getByRole("button", { name: "Vào sổ" }).click();
      await done(page);
      await page.getByRole("link", { name: "Mở hồ sơ công việc", exact: true }).click();
      await page.getByLabel("Số, ký hiệu hồ sơ").fill("08.KT");
      await page.getByLabel("Tên hồ sơ").fill("Khảo sát điểm truy cập mạng");
      await page.getByRole("button", { name: "Mở hồ sơ" }).click();
      await done(page);
      dossier = new URL(page.url()).pathname;
      assert.match(await page.locator("main").innerText(), /chờ giao việc/);
    }));

  test("dossiers: a secret letter is refused and what was typed stays", () =>
    as("vanthu", async (page) => {
      await page.goto("/registers/new");
      await page.getByLabel("Cơ quan gửi").fill("Công an tỉnh");
      await page.getByLabel("Loại văn bản").selectOption("cong_van");
      await page.getByLabel("Trích yếu").fill("Phối hợp");
      await page.getByLabel("Độ mật").selectOption("mat");
      await page.getByRole("button", { name: "Vào sổ" }).click();
      await page.getByText("không được đưa lên mạng này").first().waitFor();
      assert.equal(await page.getByLabel("Cơ quan gửi").inputValue(), "Công an tỉnh");
      page.complaints = page.complaints.filter((text) => !text.includes("422"));
    }));

  test("dossiers: the head gives it to the officer, who drafts and hands it up", async () => {
    await as("chutich", async (page) => {
      await page.goto(dossier);
      await page.getByLabel("Giao cho").selectOption({ label: "Đỗ Minh Đức" });
      await page.getByRole("button", { name: "Giao việc" }).click();
      await done(page);
    });
    await as("chuyenvien", async (page) => {
      await page.goto("/dossiers");
      await page.locator("main").getByRole("link", { name: /08\.KT/ }).first().click();
      await page.getByText("Soạn dự thảo").click();
      await page.getByLabel("Loại văn bản").selectOption("bao_cao");
      await page.getByLabel("Trích yếu").fill("Kết quả khảo sát điểm truy cập mạng");
      await page.getByLabel("Nội dung dự thảo").fill("Đã khảo sát 9 nhà văn hóa.");
      await page.getByRole("button", { name: "Lưu dự thảo" }).click();
      await done(page);
      draft = new URL(page.url()).pathname;
      await page.getByRole("button", { name: "Trình ký" }).click();
      await done(page);
    });
  });

  test("dossiers: the head sends the signed file, the clerk issues, the officer closes, the clerk archives", async () => {
    await as("chutich", async (page) => {
      await page.goto(draft);
      await page.getByLabel("Tệp PDF đã ký số").setInputFiles(SIGNED);
      await page.getByRole("button", { name: "Gửi và kiểm tra chữ ký" }).click();
      await done(page);
      assert.match(await page.locator("main").innerText(), /ký số: Ngô Văn Thắng · chứng thư tin cậy/);
    });
    await as("vanthu", async (page) => {
      await page.goto(draft);
      await page.getByRole("button", { name: "Cấp số và phát hành" }).click();
      await done(page);
    });
    await as("chuyenvien", async (page) => {
      await page.goto(dossier);
      assert.match(await page.locator("main").innerText(), /đủ các bước trên mạng/);
      await page.getByRole("button", { name: "Kết thúc hồ sơ" }).click();
      await done(page);
    });
    await as("vanthu", async (page) => {
      await page.goto("/dossiers?state=closed");
      await page.getByRole("checkbox", { name: "08.KT" }).check();
      await page.getByRole("button", { name: "Nộp hồ sơ đã chọn vào lưu trữ" }).click();
      await done(page);
      await page.goto(dossier);
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Mục lục (Word)" }).click()]);
      assert.match(download.suggestedFilename(), /^muc-luc-08.*\.docx$/);
    });
  });

  test("dossiers: the share opens down to the dossier and the step that broke one", () =>
    as("chutich", async (page) => {
      await page.goto(`/dossiers/share?unit=${gate.commune.id}`);
      const text = await page.locator("main").innerText();
      assert.match(text, /08\.KT/);
      assert.match(text, /làm ngoài hệ thống/);
      await page.getByRole("link", { name: "08.KT" }).click();
      assert.equal(new URL(page.url()).pathname, dossier);
    }));
}
