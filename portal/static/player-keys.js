/* The whole exam by key; the list stands in a dialog of the page. */

const byId = (id) => document.getElementById(id);

/* `deeds`: asked() → a question is shown, step(±1), mark(), pick(index), close(). */
export function keys(deeds) {
  const list = byId("keys");
  byId("all-keys").addEventListener("click", () => list.showModal());
  byId("keys-close").addEventListener("click", () => list.close());
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.altKey || event.metaKey) return;
    if (list.open) return;
    if (event.key === "Escape") deeds.close();
    if (event.target.matches('input[type="text"], select')) return;
    if (event.key === "?" || event.key === "？") list.showModal();
    else if (deeds.asked()) press(event, deeds);
  });
}

function press(event, deeds) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const key = event.key.toLowerCase();
  if (step) {
    event.preventDefault(); // a focused radio would move instead
    deeds.step(step);
  } else if (key === "m") deeds.mark();
  else if (key.length === 1) {
    const index = "12345678".includes(key) ? Number(key) - 1 : "abcdefgh".indexOf(key);
    if (index >= 0) deeds.pick(index);
  }
}
