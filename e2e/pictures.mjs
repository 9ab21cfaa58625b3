// docs/pictures/*.png, taken from the running platform: `npm run pictures` (or `make pictures`).
import { mkdirSync, statSync, rmSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch, open, signIn } from "./lib/browser.mjs";
import { start } from "./lib/server.mjs";
import { places } from "./lib/api.mjs";

const out = fileURLToPath(new URL("../docs/pictures/", import.meta.url));
mkdirSync(out, { recursive: true });

const server = await start("SQLite");
const browser = await launch();
try {
  const { commune, province } = await places(server.url);
  const wide = { viewport: { width: 1440, height: 900 } };
  /** Saves what is on the page down to `height`, or to its end if that comes first. */
  const shoot = async (page, name, height) => {
    await page.evaluate(() => document.activeElement?.blur());
    const { width } = page.viewportSize();
    const end = await page.evaluate(() => document.body.getBoundingClientRect().bottom + scrollY);
    await page.screenshot({ path: join(out, `${name}.png`), fullPage: true, clip: { x: 0, y: 0, width, height: Math.min(height, end) } });
    const { size } = statSync(join(out, `${name}.png`));
    process.stdout.write(`${name}.png ${Math.round(size / 1024)} KB\n`);
    if (size >= 300 * 1024) throw new Error(`${name}.png is too heavy`);
  };

  const citizen = await open(browser, server.url, wide);
  await citizen.goto("/measures/ho_so_mang_xa");
  await shoot(citizen, "dashboard", 1180);
  await citizen.goto(`/places/${commune.id}`);
  await shoot(citizen, "unit", 1180);

  await citizen.goto("/plans/bac-giang-2023-2025");
  await shoot(citizen, "plan", 1180);
  await citizen.goto("/plans/bac-giang-2023-2025/targets/G2");
  await shoot(citizen, "target", 1180);
  await citizen.goto("/documents?q=252/KH");
  await shoot(citizen, "library", 420);

  await citizen.goto("/criteria/commune-2021-2025");
  await shoot(citizen, "criteria-set", 1180);
  await citizen.goto(`/criteria/commune-2021-2025/matrix?year=2025&under=${province.id}`);
  await shoot(citizen, "criteria-matrix", 1180);

  const phone = await open(browser, server.url, { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
  await phone.goto(`/measures/ho_so_mang_xa?unit=${province.id}`);
  await shoot(phone, "phone", 1000);

  const officer = await open(browser, server.url, wide);
  await signIn(officer, "canbo");
  await officer.goto(`/criteria/minh-hoa-2026/scorecards/${commune.id}/2026`);
  await shoot(officer, "criteria-card", 1180);
  const dir = mkdtempSync(join(tmpdir(), "conglang-pictures."));
  await officer.goto("/intake");
  const [download] = await Promise.all([officer.waitForEvent("download"), officer.locator('a[href="/intake/demo.xlsx"]').click()]);
  const book = join(dir, download.suggestedFilename());
  await download.saveAs(book);
  await officer.locator("input[type=file]").setInputFiles(book);
  await officer.getByRole("button", { name: "Tải lên và kiểm tra" }).click();
  await officer.getByRole("button", { name: /giá trị đúng/ }).waitFor();
  await shoot(officer, "intake", 1180);
  await officer.getByRole("button", { name: "Chỉ lưu nháp" }).click();
  await officer.getByText("Các giá trị được lưu thành bản nháp").waitFor();
  rmSync(dir, { recursive: true });
  await officer.goto(`/evidence?unit=${commune.id}&measure=so_htx&period=2026-Q1`);
  await shoot(officer, "evidence", 1180);
  await officer.goto("/enter");
  await officer.locator('input[name$=".can_bo_tap_huan.d"]').fill("40");
  await officer.locator('input[name$=".can_bo_tap_huan.n"]').fill("45");
  await officer.locator(".note").first().waitFor();
  await shoot(officer, "enter", 1180);
  await officer.locator('input[name$=".can_bo_tap_huan.n"]').fill("36");
  await officer.locator("[data-status]", { hasText: /^đã lưu/ }).waitFor();
  await officer.getByRole("button", { name: "Lưu và nộp…" }).click();
  await officer.waitForURL(/submit/);
  for (const word of await officer.locator("main input[type=text]").all()) await word.fill("Đã đối chiếu với sổ của tổ công nghệ số cộng đồng.");
  await officer.getByRole("button", { name: "Nộp lên cấp trên" }).click();
  await officer.waitForLoadState();

  const reviewer = await open(browser, server.url, wide);
  await signIn(reviewer, "duyet");
  await reviewer.goto("/rehearsal?set=commune-2021-2025&year=2024&m=3.1%3A%2B10");
  await shoot(reviewer, "rehearsal", 1180);
  await reviewer.goto(`/criteria/minh-hoa-2026/office/${province.id}/2026`);
  await shoot(reviewer, "criteria-office", 1180);
  await reviewer.goto(`/queue?unit=${commune.id}`);
  await shoot(reviewer, "queue", 1180);
  const row = reviewer.locator("tbody tr", { has: reviewer.locator('a[href*="thanh_vien_to_so"]') });
  const why = await row.locator('a[href*="/why"]').first().getAttribute("href");
  await row.getByRole("button", { name: "Duyệt" }).click();
  await reviewer.waitForLoadState();
  await reviewer.goto(why);
  await shoot(reviewer, "why", 1180);

  await reviewer.goto("/tasks");
  await shoot(reviewer, "tasks", 1000);
  await reviewer.goto("/tasks?view=list");
  await reviewer.locator("tbody th a").first().click();
  await shoot(reviewer, "task", 1180);
  await reviewer.goto("/tasks/money");
  await shoot(reviewer, "money", 1180);
  await officer.goto("/reports");
  await officer.locator("tbody tr", { hasText: "đang soạn" }).first().getByRole("link").click();
  await shoot(officer, "report", 1180);

  const clerk = await open(browser, server.url, wide);
  await signIn(clerk, "vanthu");
  await clerk.goto("/registers");
  await shoot(clerk, "register", 900);
  await clerk.goto("/dossiers");
  await shoot(clerk, "dossiers", 900);
  const head = await open(browser, server.url, wide);
  await signIn(head, "chutich");
  await head.goto("/today");
  await shoot(head, "today", 900);
  await head.goto("/dossiers");
  await head.locator("main").getByRole("link", { name: /05\.KT/ }).first().click();
  await head.locator("main a[href*='/drafts/']").first().click();
  await shoot(head, "draft", 1180);
  await head.goto("/cases");
  await head.locator("main tbody a").first().click();
  await shoot(head, "case", 1180);
  await citizen.goto("/calendar?year=2026&from=2024-04-26&days=5");
  await shoot(citizen, "calendar", 1180);
} finally {
  await browser.close();
  await server.stop();
}
