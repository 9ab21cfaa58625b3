/*
Passkeys: asks the authenticator and sends what it says as a form.

  <form data-passkey="create|get" data-options="{…}"> <input name="answer"> <button hidden> <p data-say="failed" hidden>

The options are those of navigator.credentials with bytes in base64url; the answer is judged by the server alone.
*/
const form = document.querySelector<HTMLFormElement>("form[data-passkey]");

const toBytes = (text: string) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const toText = (bytes: ArrayBuffer | null) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes ?? new ArrayBuffer(0)))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

type Listed = { type: "public-key"; id: string };
const listed = (keys?: Listed[]) => keys?.map((key) => ({ ...key, id: toBytes(key.id) }));

async function ask(form: HTMLFormElement): Promise<object> {
  const options = JSON.parse(form.dataset.options ?? "{}");
  options.challenge = toBytes(options.challenge);
  if (form.dataset.passkey === "create") {
    options.user.id = toBytes(options.user.id);
    options.excludeCredentials = listed(options.excludeCredentials);
    const made = (await navigator.credentials.create({ publicKey: options })) as PublicKeyCredential;
    const said = made.response as AuthenticatorAttestationResponse;
    return {
      id: made.id,
      clientData: toText(said.clientDataJSON),
      authenticatorData: toText(said.getAuthenticatorData()),
      publicKey: toText(said.getPublicKey()),
      algorithm: said.getPublicKeyAlgorithm(),
    };
  }
  options.allowCredentials = listed(options.allowCredentials);
  const shown = (await navigator.credentials.get({ publicKey: options })) as PublicKeyCredential;
  const said = shown.response as AuthenticatorAssertionResponse;
  return {
    id: shown.id,
    clientData: toText(said.clientDataJSON),
    authenticatorData: toText(said.authenticatorData),
    signature: toText(said.signature),
    userHandle: toText(said.userHandle),
  };
}

if (form) {
  const say = (word: string, on: boolean) => {
    const line = form.querySelector<HTMLElement>(`[data-say="${word}"]`);
    if (line) line.hidden = !on;
  };
  const button = form.querySelector("button");
  const answer = form.querySelector<HTMLInputElement>("input[name=answer]");
  if (!button || !answer || !window.PublicKeyCredential) say("unable", true);
  else {
    button.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      say("failed", false);
      button.disabled = true;
      ask(form).then(
        (said) => {
          answer.value = JSON.stringify(said);
          form.submit();
        },
        () => {
          button.disabled = false;
          say("failed", true);
        },
      );
    });
  }
}

export {};
