/* What this device keeps of an attempt: answers the server has not acknowledged and the desk (marks, struck options,
   place), both encrypted, and the sealed form. Nothing here can be read without the attempt's device key. */

const NAME = "mingfa-exam";
const STORES = ["changes", "desks", "forms"];

function openBase() {
  return new Promise((resolve, reject) => {
    const ask = indexedDB.open(NAME, 2);
    ask.onupgradeneeded = () => {
      for (const name of [...ask.result.objectStoreNames]) ask.result.deleteObjectStore(name);
      ask.result.createObjectStore("changes", { keyPath: "key" }).createIndex("attempt", "attempt");
      ask.result.createObjectStore("desks", { keyPath: "attempt" });
      ask.result.createObjectStore("forms", { keyPath: "attempt" });
    };
    ask.onsuccess = () => {
      ask.result.onversionchange = () => ask.result.close();
      resolve(ask.result);
    };
    ask.onerror = () => reject(ask.error);
    ask.onblocked = () => reject(new Error("blocked"));
  });
}

/* Does IndexedDB keep what is written? Private windows of some browsers refuse. */
export async function keeps() {
  try {
    const store = await Store.open("check");
    const at = Date.now();
    await store.act("desks", "readwrite", (s) => s.put({ attempt: "check", at }));
    const back = await store.act("desks", "readonly", (s) => s.get("check"));
    await store.act("desks", "readwrite", (s) => s.delete("check"));
    return back.at === at;
  } catch (error) {
    return false;
  }
}

export class Store {
  static async open(attempt) {
    const store = new Store();
    store.attempt = attempt;
    store.memory = { changes: new Map(), desk: null, form: null };
    store.secret = null;
    store.last = Promise.resolve();
    try {
      store.base = await openBase();
    } catch (error) {
      store.base = null;
    }
    return store;
  }

  /* From now on what is put is kept; before, and where `secret` is null, it is held in memory alone. */
  unlock(secret) {
    this.secret = secret;
  }

  /* False when the browser keeps nothing, or could keep it only for everybody to read. */
  get durable() {
    return this.base !== null && this.secret !== null;
  }

  act(name, mode, work) {
    return new Promise((resolve, reject) => {
      const deal = this.base.transaction(name, mode);
      const ask = work(deal.objectStore(name));
      deal.oncomplete = () => resolve(ask && ask.result);
      deal.onabort = deal.onerror = () => reject(deal.error);
    });
  }

  /* One after the other: encrypting takes a moment, and a change must not come back after it was dropped. */
  queue(work) {
    const done = this.last.then(work);
    this.last = done.catch(() => {});
    return done;
  }

  bound(key) {
    return `${this.attempt}|${key}`;
  }

  /* A write that fails (disk full) leaves the change in memory; the page says so. */
  put(change) {
    this.memory.changes.set(change.key, change);
    return this.queue(async () => {
      if (!this.durable || !this.memory.changes.has(change.key)) return;
      const { key } = change;
      const closed = await this.secret.close(change, this.bound(key));
      await this.act("changes", "readwrite", (s) => s.put({ key, attempt: this.attempt, ...closed }));
    });
  }

  drop(keys) {
    for (const key of keys) this.memory.changes.delete(key);
    return this.queue(async () => {
      if (!this.base || !keys.length) return;
      await this.act("changes", "readwrite", (s) => {
        for (const key of keys) s.delete(key);
      });
    });
  }

  /* Every waiting change of this attempt, oldest first, of whichever tab it came from. */
  async changes() {
    await this.last;
    const found = new Map(this.memory.changes);
    const rows = this.durable
      ? await this.act("changes", "readonly", (s) => s.index("attempt").getAll(this.attempt))
      : [];
    for (const row of rows) {
      const change = await this.secret.open(row, this.bound(row.key)).catch(() => null);
      if (change) found.set(row.key, change);
    }
    return [...found.values()].sort((a, b) => a.made - b.made);
  }

  async desk() {
    if (!this.durable) return this.memory.desk;
    const row = await this.act("desks", "readonly", (s) => s.get(this.attempt));
    return row ? this.secret.open(row, this.bound("desk")) : null;
  }

  /* Of many in one moment the last is written. */
  keepDesk(desk) {
    this.memory.desk = desk;
    return this.queue(async () => {
      if (!this.durable || this.memory.desk === this.written) return;
      const latest = this.memory.desk;
      const closed = await this.secret.close(latest, this.bound("desk"));
      await this.act("desks", "readwrite", (s) => s.put({ attempt: this.attempt, ...closed }));
      this.written = latest;
    });
  }

  /* The sealed form under its digest, or null. It is sealed already. */
  async form(sha256) {
    if (this.memory.form && this.memory.form.sha256 === sha256) return this.memory.form.sealed;
    if (!this.base) return null;
    const row = await this.act("forms", "readonly", (s) => s.get(this.attempt)).catch(() => null);
    return row && row.sha256 === sha256 ? row.sealed : null;
  }

  async keepForm(sha256, sealed) {
    this.memory.form = { sha256, sealed };
    if (this.base) {
      await this.act("forms", "readwrite", (s) => s.put({ attempt: this.attempt, sha256, sealed })).catch(() => {});
    }
  }

  /* Does anything of this attempt wait here? Asked without the key. */
  async holds() {
    if (!this.base) return false;
    const keys = await this.act("changes", "readonly", (s) => s.index("attempt").getAllKeys(this.attempt));
    return keys.length > 0;
  }

  /* After handing in nothing of the attempt stays on the device. */
  async clear() {
    await this.last;
    this.memory = { changes: new Map(), desk: null, form: null };
    if (!this.base) return;
    const keys = await this.act("changes", "readonly", (s) => s.index("attempt").getAllKeys(this.attempt));
    await this.drop(keys);
    for (const name of STORES.slice(1)) await this.act(name, "readwrite", (s) => s.delete(this.attempt));
  }
}
