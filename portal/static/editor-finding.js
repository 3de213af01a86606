// Finding what a question names: articles of the library, topics, and pictures of one's own.
let asked = 0;

async function look(address, typed) {
  const answer = await fetch(`${address}?q=${encodeURIComponent(typed)}`, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  return answer.ok ? answer.json() : [];
}

/* Opens the finder of a question's citations; false when it is open already, so that the button adds an empty row. */
export function findArticles(form, button, words, save) {
  const before = button.dataset.cite, place = form.querySelector(`[data-find="${before}"]`);
  if (!place.hidden) return false;
  const input = place.querySelector("input"), list = place.querySelector("ul");
  place.hidden = false;
  input.focus();
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  input.addEventListener("input", () => {
    clearTimeout(asked);
    asked = setTimeout(async () => {
      const found = await look(form.dataset.articles, input.value).catch(() => []);
      list.replaceChildren(...found.slice(0, 12).map((one) => row(one, words, () => cite(form, before, one, save))));
      if (!found.length && input.value.trim()) list.append(typed(button, words));
    }, 250);
  });
  return true;
}

function row(one, words, chosen) {
  const line = document.createElement("li"), button = document.createElement("button"), name = document.createElement("b");
  name.textContent = `${one.law} ${one.article}`;
  button.type = "button";
  const more = Object.assign(document.createElement("span"), { textContent: String(one.text || one.heading || "").slice(0, 90) });
  button.append(name, ` ${one.label}${one.in_force === false ? `，${words.out}` : ""}`, more);
  button.addEventListener("click", chosen);
  line.append(button);
  return line;
}

function cite(form, before, one, save) {
  const place = form.querySelector(`[data-find="${before}"]`);
  for (const name of ["law", "label", "article", "summary"]) {
    const value = name === "summary" ? "" : one[name];
    place.append(Object.assign(document.createElement("input"), { type: "hidden", name: before + name, value }));
  }
  save({ whole: true }).then(() => { const again = form.querySelector(`[data-cite="${before}"]`); if (again) again.focus(); });
}

/* Nothing found: the same button, pressed again, gives an empty row to type in. */
function typed(button, words) {
  const line = document.createElement("li"), said = document.createElement("p");
  const go = Object.assign(document.createElement("button"), { type: "button", textContent: words.type });
  said.textContent = words.nothing;
  go.addEventListener("click", () => button.click());
  line.append(said, go);
  return line;
}

export function findTopics(form, input) {
  clearTimeout(asked);
  asked = setTimeout(async () => {
    const found = await look(form.dataset.topics, input.value).catch(() => []);
    const titles = (Array.isArray(found) ? found : found.topics || []).map((one) => one.title || one.name || one);
    input.list.replaceChildren(...titles.slice(0, 20).map((title) => Object.assign(document.createElement("option"), { value: title })));
  }, 250);
}

/* A small panel under a text: file, words for it, and it is put where the cursor was. */
export function offerPicture(form, link, words, changed) {
  if (link.parentElement.nextElementSibling && link.parentElement.nextElementSibling.classList.contains("q-pic")) return;
  const area = document.getElementById(link.dataset.picture), at = area.selectionEnd;
  const panel = document.createElement("div"), file = document.createElement("input"), alt = document.createElement("input");
  const go = Object.assign(document.createElement("button"), { type: "button", className: "mf-btn", textContent: words.insert });
  const close = Object.assign(document.createElement("button"), { type: "button", className: "mf-btn mf-btn--text", textContent: words.close });
  const said = Object.assign(document.createElement("p"), { className: "mf-err" });
  panel.className = "q-pic";
  said.hidden = true;
  Object.assign(file, { type: "file", accept: "image/png,image/jpeg,image/webp", className: "mf-input" });
  Object.assign(alt, { type: "text", maxLength: 200, className: "mf-input" });
  const acts = Object.assign(document.createElement("p"), { className: "mf-acts" });
  acts.append(go, close);
  panel.append(said, labelled(words.choose, file), labelled(words.alt, alt), acts);
  link.parentElement.after(panel);
  alt.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  close.addEventListener("click", () => panel.remove());
  go.addEventListener("click", async () => {
    const body = new FormData();
    body.append("csrf_token", form.elements.csrf_token.value);
    body.append("alt", alt.value);
    if (file.files[0]) body.append("file", file.files[0]);
    const answer = await fetch(form.dataset.pictures, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" });
    const told = await answer.json();
    said.hidden = answer.ok;
    said.textContent = answer.ok ? "" : told.message;
    if (!answer.ok) return;
    area.setRangeText(`\n${told.text}\n`, at, at, "end");
    panel.remove();
    area.focus();
    changed();
  });
}

function labelled(words, input) {
  const label = document.createElement("label");
  label.append(words, input);
  return label;
}
