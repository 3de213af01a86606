// The list of questions: picking, walking by keys, going on with an act on many.
const grid = document.querySelector("[data-grid]");
const going = document.querySelector("[data-going]");
if (going) setTimeout(() => going.submit(), 300);

const rows = grid ? [...grid.querySelectorAll("[data-row]")] : [];
const boxes = grid ? [...grid.querySelectorAll('[name="pick"]')] : [];
const all = grid && grid.querySelector("[data-all]");
const everything = grid && grid.querySelector("[data-everything]");
const said = grid && grid.querySelector("[data-picked]");
const words = grid && grid.querySelector("[data-words]");

function tell() {
  if (!said) return;
  const count = boxes.filter((box) => box.checked).length;
  said.textContent = count ? words.dataset.some.replace("{n}", count) : words.dataset.none;
  if (all) {
    all.checked = count > 0 && count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  }
}

let here = -1;
function go(step) {
  if (!rows.length) return;
  if (here >= 0) rows[here].classList.remove("is-here");
  here = Math.max(0, Math.min(rows.length - 1, here + step));
  rows[here].classList.add("is-here");
  rows[here].querySelector("a").focus({ preventScroll: true });
  rows[here].scrollIntoView({ block: "nearest" });
}

const keys = {
  j: () => go(1),
  k: () => go(-1),
  x: () => {
    const box = here >= 0 && rows[here].querySelector('[name="pick"]');
    if (box) { box.checked = !box.checked; tell(); }
  },
  o: () => here >= 0 && rows[here].querySelector("a").click(),
  e: () => {
    const link = here >= 0 && rows[here].querySelector("[data-edit]");
    if (link) link.click();
  },
  "/": () => document.getElementById("q").focus(),
  "?": () => {
    const help = document.querySelector("[data-keys]");
    if (help) { help.open = !help.open; help.scrollIntoView({ block: "nearest" }); }
  },
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox]), select, textarea");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});

if (all) {
  all.hidden = false;
  all.addEventListener("change", () => { boxes.forEach((box) => { box.checked = all.checked; }); tell(); });
}
if (everything) everything.addEventListener("change", () => boxes.forEach((box) => { box.disabled = everything.checked; }));
boxes.forEach((box) => box.addEventListener("change", tell));
tell();

// an address that carries only what is asked for can be kept and sent to somebody
const sift = document.querySelector("[data-sift]");
if (sift) sift.addEventListener("submit", () => {
  for (const field of sift.elements) if (field.name && !field.value) field.disabled = true;
});
