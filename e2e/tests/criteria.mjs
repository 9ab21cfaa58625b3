// Sets of criteria: the pages, and the path from the score of a commune to the appraisal of the province.
import assert from "node:assert/strict";
import { test } from "node:test";
import { open, signIn } from "../lib/browser.mjs";
import { look } from "../lib/look.mjs";
import { api } from "../lib/api.mjs";

export const everywhere = true;

const SET = "minh-hoa-2026";

export default function criteria(gate) {
  look(gate, {
    "": [
      "/criteria", "/criteria/commune-2021-2025", "/criteria/commune-2026-2030", "/criteria/smart-village-nam-dinh", "/criteria/commune-2021-2025/levels",
      "/criteria/compare", "/criteria/commune-2021-2025/matrix?year=2025&under=@province", `/criteria/${SET}/scorecards/@commune/2026`, "/criteria/khong-co 404",
    ],
    canbo: [`/criteria/${SET}/scorecards/@commune/2026`, "/criteria/commune-2021-2025/scorecards/@commune/2025"],
    duyet: [`/criteria/${SET}/scorecards/@commune/2026`, `/criteria/${SET}/office/@province/2026`],
    quantri: ["/admin/criteria", `/admin/criteria/${SET}`, "/criteria/commune-2021-2025/levels"],
  });

  test("criteria: the officer scores, the province accepts, the result is a figure", async () => {
    const card = `/criteria/${SET}/scorecards/${gate.commune.id}/2026`;
    const measure = `kq_${SET.replaceAll("-", "_")}_8_1`;
    const officer = await open(gate.browser, gate.url);
    await signIn(officer, "canbo");
    await officer.goto(card);
    await officer.locator('select[name="v.8.1"]').selectOption("yes");
    await officer.locator('input[name="v.3.1"]').fill("70/100");
    await officer.getByRole("button", { name: "Ghi điểm tự chấm" }).click();
    await officer.getByText("Đã ghi điểm tự chấm").waitFor();
    assert.match(await officer.locator("[id='i-3.1']").innerText(), /chưa đạt/);
    assert.deepEqual(officer.complaints, []);
    await officer.context().close();

    const reviewer = await open(gate.browser, gate.url);
    await signIn(reviewer, "duyet");
    await reviewer.goto(card);
    await reviewer.locator('input[name="i"][value="3.1"]').check();
    await reviewer.getByRole("button", { name: "Chấp nhận mục đã chọn" }).click();
    await reviewer.getByText("Đã thẩm định. Kết quả").waitFor();
    const { items } = await api(gate.url, `figures?measure=kq_${SET.replaceAll("-", "_")}_3_1&period=2026&unit=${gate.commune.id}`);
    assert.equal(Number(items[0].value), 0, measure);
    assert.deepEqual(reviewer.complaints, []);
    await reviewer.context().close();
  });
}
