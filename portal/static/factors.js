/* Passkeys: what the server asks goes to the device, what the device signs goes back; and the way back from the provider. */

const bytes = (text) => {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
};
const text = (buffer) => {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
};

async function post(address, body) {
  const answer = await fetch(address, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json",
      "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content,
    },
    body: JSON.stringify(body),
  });
  const read = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(read.message), { told: read.message, code: read.error });
  return read;
}

/* The options as the browser wants them: bytes where JSON has text. */
function asked(options) {
  const listed = (keys) => (keys || []).map((key) => ({ ...key, id: bytes(key.id) }));
  const made = { ...options, challenge: bytes(options.challenge) };
  if (options.user) made.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) made.excludeCredentials = listed(options.excludeCredentials);
  if (options.allowCredentials) made.allowCredentials = listed(options.allowCredentials);
  return made;
}

/* What the device answers, as JSON. */
function answered(credential) {
  const { response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const held = parts.filter((part) => response[part]).map((part) => [part, text(response[part])]);
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
    response: Object.fromEntries(held),
  };
}

async function run(button, says) {
  const { passkey: act, begin, finish, confirm, failed } = button.dataset;
  says.hidden = true;
  button.disabled = true;
  try {
    const publicKey = asked(await post(begin, {}));
    const sent = answered(await navigator.credentials[act]({ publicKey }));
    const named = document.querySelector("[data-passkey-name]");
    if (act === "create" && named) sent.name = named.value;
    location.assign((await post(finish, sent)).next);
  } catch (error) {
    if (error.code === "proof_needed" && confirm) {
      location.assign(confirm);
      return;
    }
    says.querySelector("p").textContent = error.told || failed;
    says.hidden = false;
    button.disabled = false;
  }
}

if (window.PublicKeyCredential) {
  document.querySelectorAll("button[data-passkey]").forEach((button) => {
    const says = button.closest("p").nextElementSibling;
    button.hidden = false;
    button.addEventListener("click", () => run(button, says));
  });
}

const onward = document.querySelector("form[data-send-now]");
if (onward) onward.submit();
