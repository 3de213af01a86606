/* What this device keeps: answers the server has not acknowledged, and the desk (marks, struck options, place). */

const NAME = "mingfa-exam";

function openBase() {
  return new Promise((resolve, reject) => {
    const ask = indexedDB.open(NAME, 1);
    ask.onupgradeneeded = () => {
      ask.result.createObjectStore("changes", { keyPath: "key" }).createIndex("attempt", "attempt");
      ask.result.createObjectStore("desks", { keyPath: "attempt" });
    };
    ask.onsuccess = () => resolve(ask.result);
    ask.onerror = () => reject(ask.error);
    ask.onblocked = () => reject(new Error("blocked"));
  });
}

/* Does IndexedDB keep what is written? Private windows of some browsers refuse. */
export async function keeps() {
  try {
    const store = await Store.open("check");
    const sent = { key: "check", attempt: "check", at: Date.now() };
    await store.put(sent);
    const back = await store.changes();
    await store.clear();
    return store.durable && back.length === 1 && back[0].at === sent.at;
  } catch (error) {
    return false;
  }
}

export class Store {
  /* `durable` is false when the browser keeps nothing; then the memory of the page has to do. */
  static async open(attempt) {
    const store = new Store();
    store.attempt = attempt;
    store.memory = { changes: new Map(), desk: null };
    try {
      store.base = await openBase();
    } catch (error) {
      store.base = null;
    }
    return store;
  }

  get durable() {
    return this.base !== null;
  }

  act(name, mode, work) {
    return new Promise((resolve, reject) => {
      const deal = this.base.transaction(name, mode);
      const ask = work(deal.objectStore(name));
      deal.oncomplete = () => resolve(ask && ask.result);
      deal.onabort = deal.onerror = () => reject(deal.error);
    });
  }

  /* A write that fails (disk full) leaves the change in memory; the page says so. */
  async put(change) {
    this.memory.changes.set(change.key, change);
    if (this.base) await this.act("changes", "readwrite", (s) => s.put({ ...change, attempt: this.attempt }));
  }

  async drop(keys) {
    for (const key of keys) this.memory.changes.delete(key);
    if (!this.base || !keys.length) return;
    await this.act("changes", "readwrite", (s) => {
      for (const key of keys) s.delete(key);
    });
  }

  /* Every waiting change of this attempt, oldest first, of whichever tab it came from. */
  async changes() {
    const kept = this.base
      ? await this.act("changes", "readonly", (s) => s.index("attempt").getAll(this.attempt))
      : [...this.memory.changes.values()];
    return kept.sort((a, b) => a.made - b.made);
  }

  async desk() {
    if (!this.base) return this.memory.desk;
    return this.act("desks", "readonly", (s) => s.get(this.attempt));
  }

  async keepDesk(desk) {
    this.memory.desk = desk;
    if (this.base) await this.act("desks", "readwrite", (s) => s.put({ ...desk, attempt: this.attempt }));
  }

  /* After handing in nothing of the attempt stays on the device. */
  async clear() {
    await this.drop((await this.changes()).map((c) => c.key));
    if (this.base) await this.act("desks", "readwrite", (s) => s.delete(this.attempt));
  }
}
