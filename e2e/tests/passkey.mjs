// Passkeys with the virtual authenticator of the browser: added, used to sign in and to prove again, taken away.
import assert from "node:assert/strict";
import { test } from "node:test";
import { audit, open, overflow, signIn } from "../lib/browser.mjs";

export default function passkey(gate) {
  test("a passkey is made on the account page and opens the gate by itself", async () => {
    // Keys are bound to a name, not to an address of four numbers.
    const page = await open(gate.browser, gate.url.replace("127.0.0.1", "localhost"));
    const session = await page.context().newCDPSession(page);
    await session.send("WebAuthn.enable");
    const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
    await session.send("WebAuthn.addVirtualAuthenticator", { options });
    const looked = async (name) => {
      for (const width of [360, 1440]) {
        await page.setViewportSize({ width, height: 900 });
        assert.deepEqual([await audit(page), await overflow(page)], [[], []], `${name} at ${width}`);
        if (process.env.E2E_PICTURES) await page.screenshot({ path: `${process.env.E2E_PICTURES}/${name}-${width}.png`, fullPage: true });
      }
    };

    await signIn(page, "canbo");
    await page.goto("/me");
    await page.click("form[action='/me/passkeys'] button");
    await looked("add");
    await page.fill("[name=name]", "máy ở cơ quan");
    await page.click("form[data-passkey] button");
    await page.waitForURL(/done=passkey$/);
    assert.match(await page.textContent("main"), /máy ở cơ quan/);
    await looked("me");

    await page.context().clearCookies();
    await page.goto("/sign-in?back=%2Fme");
    await looked("sign-in");
    await page.click("form[action='/sign-in/passkey'] button");
    await looked("enter");
    await page.click("form[data-passkey] button");
    await page.waitForURL(/\/me$/);
    assert.match(await page.textContent("main"), /dùng lần cuối/);

    await page.goto("/me/proof?back=%2Fme");
    await looked("proof");
    await page.click("form[action='/me/proof/passkey'] button");
    await page.click("form[data-passkey] button");
    await page.waitForURL(/\/me$/);
    await page.click("form[action$='/end'][action^='/me/passkeys/'] button");
    await page.waitForURL(/done=passkey-ended$/);
    assert.doesNotMatch(await page.textContent("main"), /máy ở cơ quan/);

    // A key that is gone opens nothing, and says so.
    await page.context().clearCookies();
    await page.goto("/sign-in");
    await page.click("form[action='/sign-in/passkey'] button");
    await page.click("form[data-passkey] button");
    await page.getByText("Chưa vào được bằng khóa truy cập này.").waitFor();
    await looked("refused");
    await page.context().close();
  });
}
