/* What this device keeps is closed with the attempt's device key: only a signed-in page gets it, only memory holds
   it. */

export function base64(raw) {
  let text = "";
  for (const byte of raw) text += String.fromCharCode(byte);
  return btoa(text);
}

export class Secret {
  /* Null where the browser offers no means to encrypt: on plain http anywhere but on the server's own machine. */
  static async from(raw) {
    if (!window.crypto || !crypto.subtle) return null;
    const secret = new Secret();
    secret.key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
    return secret;
  }

  how(nonce, bound) {
    return { name: "AES-GCM", iv: nonce, additionalData: new TextEncoder().encode(bound) };
  }

  /* {nonce, body} of any plain value; it opens only together with the words it is bound to. */
  async close(value, bound) {
    const nonce = crypto.getRandomValues(new Uint8Array(12));
    const plain = new TextEncoder().encode(JSON.stringify(value));
    return { nonce, body: new Uint8Array(await crypto.subtle.encrypt(this.how(nonce, bound), this.key, plain)) };
  }

  /* Rejects when the key or the words do not fit, or a bit was changed. */
  async open({ nonce, body }, bound) {
    const plain = await crypto.subtle.decrypt(this.how(nonce, bound), this.key, body);
    return JSON.parse(new TextDecoder().decode(plain));
  }
}
