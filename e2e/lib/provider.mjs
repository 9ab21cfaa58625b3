// A provider of OpenID Connect on this machine that asks nothing: whoever comes is the person that the test named.
import { createHash, createSign, generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";

const text = (value) => Buffer.from(value).toString("base64url");

/** @returns {Promise<{issuer: string, subject: string, close: () => void}>} */
export async function startProvider() {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const codes = new Map();
  const provider = { issuer: "", subject: "079000000001", close: () => server.close() };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, provider.issuer);
    const json = (value, status = 200) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    const { issuer } = provider;
    switch (url.pathname) {
      case "/.well-known/openid-configuration":
        return json({
          issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys`,
          response_types_supported: ["code"], subject_types_supported: ["public"], id_token_signing_alg_values_supported: ["RS256"],
        });
      case "/keys":
        return json({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "one", use: "sig" }] });
      case "/authorize": {
        const asked = url.searchParams;
        const code = randomBytes(16).toString("hex");
        codes.set(code, { nonce: asked.get("nonce"), challenge: asked.get("code_challenge") });
        const back = new URL(asked.get("redirect_uri"));
        back.search = new URLSearchParams({ code, state: asked.get("state") });
        return response.writeHead(302, { location: back.href }).end();
      }
      case "/token": {
        let body = "";
        for await (const part of request) body += part;
        const form = new URLSearchParams(body);
        const known = codes.get(form.get("code"));
        codes.delete(form.get("code"));
        if (!known || createHash("sha256").update(form.get("code_verifier")).digest("base64url") !== known.challenge) return json({ error: "invalid_grant" }, 400);
        const now = Math.floor(Date.now() / 1000);
        const claims = { iss: issuer, sub: provider.subject, aud: "cong-lang", nonce: known.nonce, iat: now, exp: now + 300, auth_time: now };
        const signed = `${text(JSON.stringify({ alg: "RS256", kid: "one" }))}.${text(JSON.stringify(claims))}`;
        const signature = createSign("RSA-SHA256").update(signed).sign(privateKey, "base64url");
        return json({ access_token: "x", token_type: "Bearer", expires_in: 60, id_token: `${signed}.${signature}` });
      }
      default:
        return response.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  server.unref();
  provider.issuer = `http://127.0.0.1:${server.address().port}`;
  return provider;
}
