/* The paper on this device: unsealed with the form's key, laid out by the candidate's seed exactly as the server
   does. */

export function bytes(base64) {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

/* The sealed form as {paper, shown, pictures}. Rejects when the key does not fit or the form was changed. */
export async function unseal(sealed, key, formId) {
  const opener = await crypto.subtle.importKey("raw", bytes(key), "AES-GCM", false, ["decrypt"]);
  const whole = new Uint8Array(sealed);
  const how = {
    name: "AES-GCM",
    iv: whole.slice(0, 12),
    additionalData: new TextEncoder().encode(`mingfa form ${formId}`),
  };
  const plain = await crypto.subtle.decrypt(how, opener, whole.slice(12));
  return JSON.parse(new TextDecoder().decode(plain));
}

/* Numbers from a seed below 2^48, as question_bank.papers.Chance draws them (sfc32). */
export class Chance {
  constructor(seed) {
    this.a = seed % 2 ** 32 | 0;
    this.b = Math.floor(seed / 2 ** 32) | 0;
    this.c = 0x9e3779b9 | 0;
    this.n = 1;
    for (let i = 0; i < 12; i++) this.next();
  }

  next() {
    const drawn = (this.a + this.b + this.n) | 0;
    this.n = (this.n + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + drawn) | 0;
    return drawn >>> 0;
  }

  below(bound) {
    const fair = 2 ** 32 - (2 ** 32 % bound);
    let drawn = this.next();
    while (drawn >= fair) drawn = this.next();
    return drawn % bound;
  }

  shuffle(things) {
    for (let last = things.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      [things[last], things[other]] = [things[other], things[last]];
    }
  }
}

/* question_bank.papers.lay_out: questions shuffled within their kind, cases whole, options and right sides shuffled. */
export function layOut(paper, seed) {
  const chance = new Chance(seed);
  const groups = new Map();
  for (const item of paper.items) {
    const name = item.case ? "case" : `kind ${item.kind}`;
    if (!groups.has(name)) groups.set(name, []);
    const blocks = groups.get(name);
    const last = blocks[blocks.length - 1];
    if (item.case && last && last[0].case === item.case) last.push(item);
    else blocks.push([item]);
  }
  const laid = [];
  for (const blocks of groups.values()) {
    chance.shuffle(blocks);
    for (const item of blocks.flat()) {
      const side = item.kind === "matching" ? "matches" : "options";
      const shuffled = [...item[side]];
      chance.shuffle(shuffled);
      laid.push({ ...item, [side]: shuffled, number: laid.length + 1 });
    }
  }
  return { items: laid, cases: { ...paper.cases } };
}
