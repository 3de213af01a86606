/* What a shared device forgets after signing out: everything scripts keep, all but answers that were not sent yet. */

const EXAMS = "mingfa-exam";

export async function forgetDevice() {
  for (const store of [() => localStorage, () => sessionStorage]) {
    try {
      store().clear();
    } catch (error) {
      /* the browser keeps nothing there */
    }
  }
  if (self.caches) for (const name of await caches.keys()) await caches.delete(name);
  if (!self.indexedDB || !indexedDB.databases) return;
  for (const { name } of await indexedDB.databases()) {
    if (name === EXAMS) await keepUnsent();
    else indexedDB.deleteDatabase(name);
  }
  document.documentElement.dataset.forgot = "1";
}

/* Desks (marks, struck options, place) and sealed forms go, unless answers of the same attempt still wait to be sent. */
function keepUnsent() {
  return new Promise((resolve) => {
    const ask = indexedDB.open(EXAMS);
    ask.onerror = ask.onblocked = () => resolve();
    ask.onsuccess = () => {
      const base = ask.result;
      const names = [...base.objectStoreNames];
      if (!names.includes("changes")) return resolve(base.close());
      const deal = base.transaction(names, "readwrite");
      const waiting = deal.objectStore("changes").getAll();
      waiting.onsuccess = () => {
        const unsent = new Set(waiting.result.map((change) => change.attempt));
        for (const name of names.filter((each) => each !== "changes")) {
          const store = deal.objectStore(name);
          const keys = store.getAllKeys();
          keys.onsuccess = () => {
            for (const key of keys.result) if (!unsent.has(key)) store.delete(key);
          };
        }
      };
      deal.oncomplete = deal.onabort = () => {
        base.close();
        resolve();
      };
    };
  });
}
