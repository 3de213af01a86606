// The question editor: saves itself, shows the preview and the self-check, changes rows without leaving the page.
let keep = () => {}, kept = () => null, forget = () => {}; // until the two modules beside this one are there
let findArticles = () => false, findTopics = () => {}, offerPicture = () => {};

const form = document.getElementById("editor");
const fields = document.getElementById("fields");
const words = JSON.parse(document.getElementById("words").textContent);
const conflict = document.getElementById("conflict");
const preview = document.getElementById("preview");
const PAUSE = 700, AGAIN = 5000; // milliseconds
let timer = 0, running = null, dirty = false, stopped = false, part = 0;

const say = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
const text = () => new URLSearchParams(new FormData(form)).toString();

function status(kind, sentence) {
  const place = document.getElementById("save");
  place.toggleAttribute("role", false);
  if (kind === "kept") place.setAttribute("role", "alert"); // that it is saved is shown, not read out at every pause
  place.className = kind === "kept" ? "mf-save mf-save--kept" : "mf-save";
  place.querySelector("use").setAttribute("href", kind === "saved" ? "#i-check" : kind === "kept" ? "#i-device" : "#i-clock");
  place.querySelector("span").textContent = sentence;
}

/* The answer is parsed by the browser as a document of its own; text is never turned into a page here. */
function send(body, address = form.getAttribute("action")) {
  return new Promise((resolve, reject) => {
    const ask = new XMLHttpRequest();
    ask.open("POST", address);
    ask.responseType = "document";
    ask.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    ask.setRequestHeader("Accept", "text/html");
    ask.onerror = ask.ontimeout = reject;
    ask.timeout = 20000;
    ask.onload = () => {
      const page = ask.response, told = page && page.getElementById("told");
      resolve({ ok: ask.status === 200, code: ask.status, page, said: told ? JSON.parse(told.textContent) : {} });
    };
    ask.send(`${body}&pieces=1`);
  });
}

/* A part of the answer takes the place of the part with the same id. */
function put(page, id) {
  const part = page.getElementById(id);
  if (part) document.getElementById(id).replaceChildren(...[...part.childNodes].map((node) => document.adoptNode(node)));
  return Boolean(part);
}

/* One save after the other; `wish` is a button of the form, `whole` asks for the form anew. */
async function save({ wish = "", whole = false } = {}) {
  clearTimeout(timer);
  if (stopped) return false;
  while (running) await running;
  dirty = false;
  const body = new URLSearchParams(text());
  body.set("do", wish);
  if (whole) body.set("form", "1");
  status("saving", words.saving);
  running = send(body).then((answer) => take(answer, whole), () => lost()).finally(() => { running = null; });
  return running;
}

function take({ ok, code, said, page }, whole) {
  if (code === 409 && said.number) return both(said, page);
  if (!ok) {
    const told = page && page.querySelector("main p");
    status("kept", `${words.kept} ${told ? told.textContent : ""}`);
    return false;
  }
  form.elements.number.value = form.dataset.number = said.number;
  if (!dirty) forget(form);
  status("saved", say(words.saved, { time: said.saved }));
  put(page, "shown");
  put(page, "check");
  document.getElementById("check-step").textContent = said.step;
  document.getElementById("answered").textContent = "";
  if (whole) replace(page);
  faults(said.faults);
  dressPreview();
  look(said.question);
  return true;
}

function lost() {
  dirty = true;
  status("kept", words.kept);
  timer = setTimeout(save, AGAIN);
  return false;
}

/* The draft was saved from another page: nothing more is sent until its writer chooses. */
function both(said, page, mine) {
  stopped = true;
  status("kept", said.message);
  put(page, "conflict");
  conflict.querySelector("[data-take]").addEventListener("click", () => forget(form));
  conflict.querySelector("[data-keep]").addEventListener("click", async (event) => {
    event.preventDefault();
    stopped = false;
    conflict.textContent = "";
    form.elements.number.value = said.number;
    if (!mine) return save();
    mine.set("number", said.number);
    if ((await send(mine)).ok) { forget(form); location.reload(); }
  });
  conflict.scrollIntoView({ block: "nearest" });
  return false;
}

function changed() {
  dirty = true;
  keep(form, text());
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE);
}

function replace(page) {
  const here = document.activeElement, name = here && here.name, same = name && [...form.querySelectorAll(`[name="${name}"]`)];
  const at = same ? same.indexOf(here) : -1, cut = here && here.selectionStart;
  put(page, "fields");
  dress();
  const again = at >= 0 && form.querySelectorAll(`[name="${name}"]`)[at];
  if (again && name !== "do") { again.focus(); if (cut != null && again.setSelectionRange) again.setSelectionRange(cut, cut); }
}

function faults(found) {
  for (const place of fields.querySelectorAll("[data-fault]")) {
    const sentence = found[place.dataset.fault];
    place.hidden = !sentence;
    place.querySelector("span").textContent = sentence || "";
  }
  for (const field of fields.querySelectorAll(".mf-field")) {
    field.classList.toggle("mf-field--err", Boolean(field.querySelector("[data-fault]:not([hidden])")));
  }
}

const grow = (area) => { area.style.height = "auto"; area.style.height = `${area.scrollHeight + 2}px`; };

function dress() {
  fields.querySelectorAll("textarea[data-grow]").forEach(grow);
  fields.querySelectorAll(".q-opts li").forEach(key);
  const tabs = fields.querySelectorAll("[data-tab]");
  fields.classList.toggle("is-live", tabs.length > 0);
  if (tabs.length) open(Math.min(part, tabs.length - 1));
}

function key(row) {
  const box = row.querySelector(".q-tick input[type=checkbox], .q-tick input[type=radio]");
  row.classList.toggle("is-key", Boolean(box && box.checked));
}

/* The tabs of a case: one question at a time, in the form and in the preview. */
function open(at) {
  part = at;
  fields.querySelectorAll("[data-tab]").forEach((tab) => tab.toggleAttribute("aria-current", +tab.dataset.tab === at));
  fields.querySelectorAll("[data-tab][aria-current]").forEach((tab) => tab.setAttribute("aria-current", "true"));
  fields.querySelectorAll("[data-panel]").forEach((panel) => { panel.hidden = +panel.dataset.panel !== at; });
  fields.querySelectorAll("[data-panel]:not([hidden]) textarea[data-grow]").forEach(grow);
  dressPreview();
}

function dressPreview() {
  const live = fields.classList.contains("is-live");
  for (const one of preview.querySelectorAll("[data-part]")) one.hidden = live && +one.dataset.part !== part;
  preview.querySelectorAll("[data-out]").forEach((button) => { button.hidden = false; });
}

/* Near duplicates, from the bank's own door; it may be away. */
async function look(question) {
  const place = document.getElementById("alike");
  try {
    const answer = await fetch(form.dataset.check, {
      method: "POST", credentials: "same-origin", body: JSON.stringify({ question, but: form.dataset.question || null }),
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": form.elements.csrf_token.value },
    });
    const found = answer.ok ? (await answer.json()).alike || [] : [];
    const list = place.querySelector("ul");
    list.replaceChildren(...found.filter((one) => one.code !== question.code).map(alike));
    place.hidden = !list.children.length;
  } catch (error) {
    place.hidden = true;
  }
}

function alike(one) {
  const row = document.createElement("li"), badge = document.createElement("span"), said = document.createElement("span");
  badge.className = "mf-badge mf-badge--due";
  badge.textContent = words.advice;
  const [before, after] = say(words.alike, { share: one.share, code: "\0" }).split("\0");
  const link = document.createElement("a");
  link.href = `/banks/${encodeURIComponent(one.bank_code)}/questions/${encodeURIComponent(one.code)}`;
  link.textContent = one.code;
  said.append(before, link, after, " ", one.opening || "");
  row.append(badge, said);
  return row;
}

form.addEventListener("input", (event) => {
  if (event.target.closest("[data-find], .q-pic") || event.target.dataset.shape !== undefined) return;
  if (event.target.dataset.grow !== undefined) grow(event.target);
  fields.querySelectorAll(".q-opts li").forEach(key);
  if (event.target.dataset.topics !== undefined) findTopics(form, event.target);
  changed();
});
form.addEventListener("change", (event) => {
  if (event.target.dataset.shape !== undefined) save({ whole: true });
  const stem = event.target.name && event.target.name.endsWith("stem") && event.target;
  const blanks = stem && fields.querySelectorAll(`[name="${stem.name.replace("stem", "blank")}"]`).length;
  if (blanks && blanks !== Math.max(1, stem.value.split("____").length - 1)) save({ whole: true });
});
form.addEventListener("submit", async (event) => {
  const wish = event.submitter ? event.submitter.value : "";
  event.preventDefault();
  if (event.submitter && event.submitter.dataset.cite !== undefined && findArticles(form, event.submitter, words, save)) return;
  const before = fields.querySelectorAll("[name]").length;
  if (!(await save({ wish: wish === "submit" ? "" : wish, whole: wish.includes(":") }))) return;
  if (wish === "submit") {
    const sent = Object.assign(document.createElement("input"), { type: "hidden", name: "do", value: "submit" });
    form.append(sent);
    form.submit();
  } else if (wish.startsWith("add:") && fields.querySelectorAll("[name]").length > before) added(wish.slice(4));
});

/* The cursor goes where the new row is. */
function added(path) {
  if (path === "items") {
    const last = fields.querySelectorAll("[data-tab]").length - 1;
    open(last);
    return document.getElementById(`i${last}-stem`).focus();
  }
  const inside = path.match(/^items\/(\d+)\/(\w+)$/), before = inside ? `i${inside[1]}-` : "";
  const name = { options: "option", matches: "match", points: "point", criteria: "criterion", citations: "law" }[inside ? inside[2] : path];
  const rows = [...fields.querySelectorAll(`[name="${before}${name}"]:not([type=hidden])`)];
  if (rows.length) rows[rows.length - 1].focus();
}

document.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-tab]"), line = event.target.closest("#check a, .mf-errsum a");
  const picture = event.target.closest("[data-picture]"), wide = event.target.closest("[data-width]"), out = event.target.closest("[data-out]");
  if (tab) { event.preventDefault(); open(+tab.dataset.tab); }
  if (line) { const inside = line.hash.match(/^#i(\d+)-/); if (inside) open(+inside[1]); }
  if (picture) { event.preventDefault(); offerPicture(form, picture, words, changed); }
  if (out) out.closest(".mf-opt").classList.toggle("is-out");
  if (wide) {
    preview.classList.toggle("is-desk", wide.dataset.width === "desk");
    document.querySelectorAll("[data-width]").forEach((one) => one.setAttribute("aria-pressed", String(one === wide)));
  }
});
preview.addEventListener("change", () => preview.querySelectorAll(".mf-opt label input").forEach((box) => box.closest(".mf-opt").classList.toggle("is-on", box.checked)));
preview.addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = new URLSearchParams(new FormData(preview)).toString(); // before a save draws the preview anew
  if (dirty) await save();
  const { ok, page } = await send(given, preview.getAttribute("action"));
  if (ok) document.getElementById("answered").replaceChildren(...[...page.body.childNodes].map((node) => document.adoptNode(node)));
  dressPreview();
});
document.addEventListener("visibilitychange", () => { if (document.hidden && dirty) save(); });
window.addEventListener("resize", () => fields.querySelectorAll("textarea[data-grow]").forEach((area) => { if (area.offsetParent) grow(area); }));
window.addEventListener("online", () => { if (dirty) save(); });

document.getElementById("width").hidden = false;
document.querySelectorAll(".mf-title [name=do][value='']").forEach((button) => { button.hidden = true; }); // it saves itself
dress();
dressPreview();
Promise.all(form.dataset.modules.split(" ").map((address) => import(address))).then(([store, finding]) => {
  ({ keep, kept, forget } = store);
  ({ findArticles, findTopics, offerPicture } = finding);
  bringBack();
});

/* What an earlier page could not send stands on this device: it is sent now, or shown beside what is there. */
async function bringBack() {
  const found = kept(form);
  if (!found) return;
  const mine = new URLSearchParams(found.text);
  mine.set("csrf_token", form.elements.csrf_token.value);
  stopped = true;
  try {
    const answer = await send(mine);
    if (answer.code === 409 && answer.said.number) return both(answer.said, answer.page, mine);
    forget(form);
    if (answer.ok && answer.said.number !== +form.dataset.number) return location.reload();
  } catch (error) {
    /* still no line: the text stays where it is */
  }
  stopped = false;
}
