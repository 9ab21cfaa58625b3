// Sign-on at a provider of this machine: linked by the owner of an account, used to sign in and to prove again, taken away.
import assert from "node:assert/strict";
import { test } from "node:test";
import { audit, open, overflow, signIn } from "../lib/browser.mjs";

export default function signOn(gate) {
  test("an account is linked to a provider and opens by it", async () => {
    const page = await open(gate.browser, gate.url.replace("127.0.0.1", "localhost"));
    const looked = async (name) => {
      for (const width of [360, 1440]) {
        await page.setViewportSize({ width, height: 900 });
        assert.deepEqual([await audit(page), await overflow(page)], [[], []], `${name} at ${width}`);
        if (process.env.E2E_PICTURES) await page.screenshot({ path: `${process.env.E2E_PICTURES}/sign-on-${name}-${width}.png`, fullPage: true });
      }
    };
    // Nobody knows this identity yet: the page says what to do, and the password lies at hand.
    await page.goto("/sign-in?back=%2Fme");
    await page.click("a[href^='/sign-in/with/']");
    await page.getByText("Chưa có tài khoản nào ở đây gắn với").waitFor();
    assert.equal(await page.locator("[name=password]").count() > 0, true);
    await looked("unknown");

    await signIn(page, "canbo");
    await page.goto("/me");
    await page.click("form[action='/me/sign-on/thu-nghiem'] button");
    await looked("link");
    await page.click("main a.go");
    await page.waitForURL(/done=linked$/);
    await looked("me");

    await page.context().clearCookies();
    await page.goto("/sign-in?back=%2Fme");
    await looked("sign-in");
    await page.click("a[href^='/sign-in/with/']");
    await page.waitForURL(/\/me$/);
    await page.goto("/me/proof?back=%2Fme");
    await looked("proof");
    await page.click("a[href^='/me/proof/with/']");
    await page.waitForURL(/\/me$/);
    await page.click("form[action='/me/sign-on/thu-nghiem/end'] button");
    await page.waitForURL(/done=unlinked$/);
    await page.context().close();
  });
}
