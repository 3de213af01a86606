/* The rescue file: answers the server does not have yet, encrypted so that this attempt alone can open them. */

const LARGEST = 1024 * 1024; // bytes, as the server takes them

/* The file's text. `changes`: [{item, answer, base, made}, …]. */
export async function write(secret, base64, attempt, changes) {
  const inside = changes.map(({ item, answer, base, made }) => ({ item, answer, base, made }));
  const { nonce, body } = await secret.close({ changes: inside }, attempt);
  return JSON.stringify({ v: 1, attempt, nonce: base64(nonce), body: base64(body) });
}

/* Its changes; rejects with "large", "foreign" or "damaged". */
export async function read(file, secret, bytes, attempt) {
  if (file.size > LARGEST) throw new Error("large");
  let outer;
  try {
    outer = JSON.parse(await file.text());
  } catch (error) {
    throw new Error("damaged");
  }
  if (outer && outer.attempt !== attempt) throw new Error("foreign");
  try {
    const sealed = { nonce: bytes(outer.nonce), body: bytes(outer.body) };
    return (await secret.open(sealed, attempt)).changes;
  } catch (error) {
    throw new Error("damaged");
  }
}

export class Rescue {
  /* `deeds`: waiting() → changes not acknowledged, merge(changes), secret() → Secret or null, say(kind, values). */
  constructor(root, base64, bytes, stamp, deeds) {
    Object.assign(this, { root, base64, bytes, stamp, deeds });
    document.getElementById("rescue-save").addEventListener("click", () => this.save());
    document.getElementById("rescue-load").addEventListener("change", (event) => this.load(event.target));
  }

  async save() {
    const [secret, changes] = [this.deeds.secret(), this.deeds.waiting()];
    if (!secret) return this.deeds.say("impossible");
    if (!changes.length) return this.deeds.say("nothing");
    const { attempt, number } = this.root.dataset;
    const text = await write(secret, this.base64, attempt, changes);
    const name = `mingfa-rescue-${number}-${this.stamp()}.json`;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    return this.deeds.say("saved", { name, n: changes.length });
  }

  async load(input) {
    const [file] = input.files;
    if (!file) return;
    try {
      const secret = this.deeds.secret();
      if (!secret) throw new Error("impossible");
      const changes = await read(file, secret, this.bytes, this.root.dataset.attempt);
      await this.deeds.merge(changes);
      this.deeds.say("loaded", { n: changes.length });
    } catch (error) {
      this.deeds.say(error.message);
    }
    input.value = "";
  }
}
