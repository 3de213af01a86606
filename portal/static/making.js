// The blueprint: how many approved questions fit each row, and what the rows come to, while they are typed.
const form = document.querySelector("[data-making]");
const body = form.querySelector("[data-rows] tbody");
const words = form.querySelector("[data-words]").dataset;
const sums = form.querySelector("[data-sums]");
let cells = {};

const fill = (sentence, values) => sentence.replace(/\{(\w)\}/g, (_whole, name) => values[name]);
const cell = (row, name) => row.querySelector(`[name=row-${name}]`).value.trim();
const shown = (hundredths) => String(Math.round(hundredths) / 100);

function say(row) {
  const topic = cell(row, "topic");
  const place = row.querySelector("[data-fit]");
  const count = Number(cell(row, "count")) || 0;
  const points = Math.round((Number(cell(row, "points")) || 0) * 100);
  const [found, leaves] = (cells[topic] || {})[cell(row, "kind")] || [0, 1];
  const short = found < Math.max(count, topic ? 1 : 0);
  place.classList.toggle("mk-short", Boolean(topic) && short);
  place.textContent = !topic ? "" : fill(short ? words.short : leaves > 1 ? words.cases : words.fits, { n: found, k: leaves });
  return topic ? { q: count, i: count * leaves, p: count * leaves * points } : { q: 0, i: 0, p: 0 };
}

function count() {
  const whole = { q: 0, i: 0, p: 0 };
  body.querySelectorAll("tr").forEach((row) => {
    const part = say(row);
    Object.keys(whole).forEach((name) => { whole[name] += part[name]; });
  });
  sums.textContent = fill(words.sums, { q: whole.q, i: whole.i, p: shown(whole.p) });
}

async function fetchStock() {
  const asked = new URLSearchParams();
  form.querySelectorAll("[name=banks]:checked").forEach((bank) => asked.append("banks", bank.value));
  ["opens_at", "closes_at"].forEach((name) => asked.append(name, form.querySelector(`[name=${name}]`).value));
  try {
    const answer = await fetch(`${form.dataset.making}?${asked}`, { headers: { Accept: "application/json" } });
    if (answer.ok) { cells = (await answer.json()).cells; count(); }
  } catch (_gone) {
    // no line at this moment: the rows are checked again when the draft is saved
  }
}

function more() {
  const row = body.lastElementChild.cloneNode(true);
  row.removeAttribute("id");
  row.classList.remove("mk-bad");
  row.querySelectorAll(".mf-err").forEach((error) => error.remove());
  row.querySelectorAll("input").forEach((input) => { input.value = ""; });
  body.append(row);
  row.querySelector("input").focus();
  count();
}

form.addEventListener("input", (event) => {
  if (event.target.closest("[data-rows]")) count();
});
form.addEventListener("change", (event) => {
  if (["banks", "opens_at", "closes_at"].includes(event.target.name)) fetchStock();
});
form.addEventListener("click", (event) => {
  if (event.target.closest("[data-more]")) more();
  const less = event.target.closest("[data-less]");
  if (!less) return;
  if (body.children.length === 1) more();
  less.closest("tr").remove();
  count();
});
form.querySelectorAll("[data-more], [data-less]").forEach((button) => { button.hidden = false; });
fetchStock();
