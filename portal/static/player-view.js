/* What stands on the page: question, options, saving, time, notes. Shows what it is told and keeps nothing itself. */

const SECTIONS = ["loading", "waiting", "paused", "question", "review", "receipt"];

export const byId = (id) => document.getElementById(id);

/* "%(n)s minutes" with {n: 3} is "3 minutes". */
export function say(text, values = {}) {
  return text.replace(/%\((\w+)\)s/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

export function clone(id) {
  return byId(id).content.firstElementChild.cloneNode(true);
}

export function icon(holder, name) {
  holder.querySelector("use").setAttribute("href", `#i-${name}`);
}

export class View {
  /* `texts` puts a text on the page; `rows`, set when there is a page, builds what the question is answered with. */
  constructor(words, texts) {
    Object.assign(this, { words, texts });
    this.site = byId("player").dataset.site;
    this.saveKind = "";
  }

  /* ---- one question ---- */

  question(paper, item, focus) {
    const words = this.words;
    this.item = item;
    const place = say(words.place, { n: item.number, total: paper.items.length });
    byId("heading").textContent = place;
    document.title = `${place} · ${this.site}`;
    byId("kind").textContent = `${words.kinds[item.kind]} · ${say(words.points, { n: item.points / 100 })}`;
    const read = this.read.items[item.item] || {};
    const gaps = item.kind === "fill_blank";
    this.texts.put(byId("stem"), item.stem, read.stem, gaps);
    byId("rule").textContent = words.rules[item.kind];
    byId("legend").textContent = gaps ? words.blanks : words.legends[item.kind] || words.options;
    this.caseStem(paper, item);
    byId("rows").replaceChildren(...this.rows.build(item, read));
    this.only("question");
    if (focus) {
      window.scrollTo(0, 0);
      byId("heading").focus({ preventScroll: true });
    }
  }

  caseStem(paper, item) {
    byId("case").hidden = !item.case;
    if (!item.case) return;
    const numbers = paper.items.filter((other) => other.case === item.case).map((other) => other.number);
    this.texts.put(byId("case-stem"), paper.cases[item.case], this.read.cases[item.case]);
    byId("case-span").textContent = say(this.words.case, { a: numbers[0], b: numbers[numbers.length - 1] });
  }

  marked(yes) {
    byId("mark").setAttribute("aria-pressed", String(yes));
  }

  ends(first, last) {
    byId("previous").setAttribute("aria-disabled", String(first));
    byId("next").setAttribute("aria-disabled", String(last));
    byId("last").hidden = !last;
  }

  only(section) {
    for (const id of SECTIONS) byId(id).hidden = id !== section;
    byId("bar").hidden = section !== "question"; // the review has its own two buttons
  }

  /* While the clock stands nothing of the paper can be read. */
  paused(yes) {
    byId("sheet").hidden = yes;
    byId("time-label").textContent = yes ? this.words.paused.label : this.words.timeLabel;
    if (!yes) return;
    this.only("paused");
    byId("paused-heading").focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }

  because(since, cause) {
    byId("paused-since").textContent = since;
    byId("paused-cause").textContent = cause;
    byId("paused-cause").hidden = !cause;
  }

  /* A text that an input method still composes becomes text now. */
  letGo() {
    const at = document.activeElement;
    if (at && at.matches("input[type=text], textarea")) at.blur();
  }

  editable(yes) {
    byId("answers").disabled = !yes;
    byId("to-review").disabled = !yes;
  }

  /* ---- saving ---- */

  save(kind, at) {
    const holder = byId("save");
    const text = { saved: at ? say(this.words.saved, { at }) : this.words.savedPlain, saving: this.words.saving,
      kept: say(this.words.kept, { at }), locked: this.words.locked }[kind];
    const sign = { saved: "check", saving: "up", kept: "device", locked: "lock" }[kind];
    holder.classList.toggle("mf-save--kept", kind === "kept");
    holder.classList.toggle("mf-save--locked", kind === "locked");
    holder.replaceChildren(clone("t-note").querySelector("svg"), document.createTextNode(text));
    icon(holder, sign);
    if (kind === "kept" && this.saveKind !== "kept") this.announce(this.words.keptSaid);
    if (kind === "saved" && this.saveKind === "kept") this.announce(this.words.savedSaid);
    if (kind !== "saving") this.saveKind = kind;
  }

  announce(text) {
    byId("announce").textContent = text;
  }

  /* ---- time ---- */

  time(text, hidden, mayHide) {
    const shown = hidden ? this.words.timeHidden : text;
    if (byId("time").textContent !== shown) byId("time").textContent = shown;
    const button = byId("hide-time");
    button.hidden = !mayHide;
    const label = hidden ? this.words.show : this.words.hide;
    if (button.textContent === label) return;
    button.textContent = label;
    button.setAttribute("aria-label", hidden ? this.words.showTime : this.words.hideTime);
  }

  away(times, seconds) {
    byId("away").hidden = !times;
    byId("away").textContent = say(this.words.away, { n: times, s: seconds });
  }

  /* ---- notes in the flow of the page, one per name ---- */

  note(name, { tone = "", sign = "info", title, text = "", more, moreText, button, act, link, href }) {
    let note = byId(`note-${name}`);
    if (!note) {
      note = clone("t-note");
      note.id = `note-${name}`;
      byId("notes").append(note);
    }
    note.className = `mf-note mf-exam__note${tone ? ` mf-note--${tone}` : ""}`;
    icon(note, sign);
    const put = (selector, value) => {
      const node = note.querySelector(selector);
      if (node.textContent !== value) node.textContent = value;
    };
    put(".title", title);
    put(".text", text);
    note.querySelector("details").hidden = !more;
    put("summary", more || "");
    put("details p", moreText || "");
    note.querySelector(".mf-acts").hidden = !button && !link;
    const press = note.querySelector("button");
    press.hidden = !button;
    put("button", button || "");
    press.onclick = act || null;
    const anchor = note.querySelector(".mf-acts a");
    anchor.hidden = !link;
    put(".mf-acts a", link || "");
    if (href) anchor.href = href;
  }

  unnote(...names) {
    for (const name of names) {
      const note = byId(`note-${name}`);
      if (note) note.remove();
    }
  }
}
