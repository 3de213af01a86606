// A cited article opens beside the page; without script the chip is a plain link. Also the article picker of a field.
const LINK = "a.mf-law[href*='/library/']";
let panel = null;
let from = null;

function close() {
  if (!panel) return;
  panel.remove();
  panel = null;
  if (from && from.isConnected) from.focus();
}

function made(tag, text, name) {
  const node = document.createElement(tag);
  if (text) node.textContent = text;
  if (name) node.className = name;
  return node;
}

function linked(link, name) {
  const node = made("a", link.text, name);
  node.href = link.href;
  return node;
}

function open(article) {
  if (panel) panel.remove();
  panel = made("aside", "", "lw-panel mf-noprint");
  panel.tabIndex = -1;
  panel.setAttribute("aria-label", article.title);
  const button = made("button", document.body.dataset.close || "×", "mf-btn lw-panel__close");
  button.type = "button";
  button.addEventListener("click", close);
  panel.append(button, made("h2", article.title, "lw-one__t"));
  panel.append(...article.facts.filter(Boolean).map((fact) => made("p", fact, "mf-small mf-muted")));
  const text = made("div", "", "lw-one__text");
  text.append(...article.paragraphs.map((line) => made("p", line)));
  panel.append(text);
  if (article.others.links.length) {
    const list = made("ul", "", "mf-rows mf-small");
    list.append(...article.others.links.map((link) => {
      const row = made("li");
      row.append(linked(link));
      return row;
    }));
    panel.append(made("h3", article.others.title), list);
  }
  const whole = made("p", "", "mf-acts");
  whole.append(linked(article.whole, "mf-btn"));
  panel.append(whole);
  document.body.append(panel);
  panel.focus();
}

async function show(link) {
  const answer = await fetch(link.href, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  open(await answer.json());
}

document.addEventListener("click", (event) => {
  const link = event.target.closest(LINK);
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  if (!panel || !panel.contains(link)) from = link;
  show(link).catch(() => { location.href = link.href; });
});
document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });

// <input data-pick-article="/library/articles.json" data-into="id of a hidden field">
document.querySelectorAll("[data-pick-article]").forEach((field) => {
  const list = document.createElement("div");
  list.className = "lw-picked";
  list.hidden = true;
  field.after(list);
  const chosen = document.getElementById(field.dataset.into);
  let asked = 0;
  function offer(found) {
    list.replaceChildren(...found.map((one) => {
      const row = document.createElement("button");
      row.type = "button";
      row.textContent = `${one.law} ${one.article} (${one.label}) ${one.text}`;
      row.addEventListener("click", () => {
        field.value = `${one.law} ${one.article}`;
        chosen.value = one.article_id;
        list.hidden = true;
        field.focus();
      });
      return row;
    }));
    list.hidden = !found.length;
  }
  field.addEventListener("input", () => {
    const mine = ++asked;
    chosen.value = "";
    setTimeout(async () => {
      if (mine !== asked || field.value.trim().length < 2) { list.hidden = true; return; }
      const answer = await fetch(`${field.dataset.pickArticle}?q=${encodeURIComponent(field.value)}`, { credentials: "same-origin" });
      if (answer.ok && mine === asked) offer(await answer.json());
    }, 150);
  });
});
