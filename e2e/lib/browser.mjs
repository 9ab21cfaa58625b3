// Debian's Chromium, one for all tests; every page in it is watched for errors and broken rules of the content-security policy.
import { chromium } from "playwright-core";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGS });

/** A window of its own (cookies, storage) with one page; `page.complaints` gathers what the console says is wrong. */
export async function open(browser, url, options = {}) {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width: 1440, height: 900 },
    locale: "vi-VN",
    timezoneId: "Asia/Ho_Chi_Minh",
    reducedMotion: "reduce",
    ...options,
  });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  watch(page);
  return page;
}

export function watch(page) {
  page.complaints = [];
  page.on("console", (message) => message.type() === "error" && page.complaints.push(`${message.text()} (${message.location().url})`));
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText ?? "";
    if (why !== "net::ERR_ABORTED") page.complaints.push(`${request.url()}: ${why}`);
  });
}

/** Signs in with the one-click account of the demo. */
export async function signIn(page, name) {
  await page.goto("/sign-in");
  await page.locator("form", { has: page.locator(`input[name=login][value=${name}]`) }).getByRole("button").click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}

/** Violations of WCAG 2.2 A and AA as lines; `rules` narrows. */
export async function audit(page, rules) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  return page.evaluate(async (rules) => {
    const run = rules ? { type: "rule", values: rules } : { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] };
    const { violations } = await window.axe.run(document, { runOnly: run, resultTypes: ["violations"] });
    return violations.flatMap((v) => v.nodes.slice(0, 3).map((n) => `${v.id}: ${n.target.join(" ")}: ${n.html.slice(0, 160)}: ${(n.any[0] ?? n.all[0] ?? n.none[0])?.message ?? v.help}`));
  }, rules);
}

/** What sticks out of the window sideways. */
export function overflow(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.scrollingElement.scrollWidth <= width) return [];
    const out = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > width + 1 && !e.closest(".scroll")).slice(0, 5);
    return [`${document.scrollingElement.scrollWidth} px wide: ${out.map((e) => e.outerHTML.slice(0, 120)).join(" | ")}`];
  });
}
