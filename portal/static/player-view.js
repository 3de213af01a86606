/* What stands on the page: question, options, saving, time, notes. Shows what it is told and keeps nothing itself. */

const LETTERS = "ABCDEFGH";
const GAP = "____";

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

/* What may be chosen: [[id, text], …]; blanks have none. */
export function choices(item, words) {
  if (item.kind === "true_false") return [["T", words.true], ["F", words.false]];
  return item.kind === "fill_blank" ? [] : item.options;
}

/* An answer in the letters this candidate sees. */
export function shown(item, answer, words) {
  if (item.kind === "fill_blank") return [].concat(answer).join(" / ") || "—";
  const order = choices(item, words).map(([id]) => id);
  const letters = [...answer].map((id) => LETTERS[order.indexOf(id)]);
  return letters.sort().join("") || "—";
}

export class View {
  constructor(words, on) {
    this.words = words;
    this.on = on; // choose(id), strike(id), type(index, text, half)
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
    byId("stem").replaceChildren(...this.stem(item));
    byId("rule").textContent = words.rules[item.kind];
    byId("legend").textContent = item.kind === "fill_blank" ? words.blanks : words.options;
    this.caseStem(paper, item);
    const rows = item.kind === "fill_blank" ? this.blanks(item) : this.options(item);
    byId("rows").replaceChildren(...rows);
    this.only("question");
    if (focus) {
      window.scrollTo(0, 0);
      byId("heading").focus({ preventScroll: true });
    }
  }

  /* The stem's text, each blank as its number on a line. */
  stem(item) {
    if (item.kind !== "fill_blank") return [item.stem];
    return item.stem.split(GAP).flatMap((text, index) => {
      if (!index) return [text];
      const gap = document.createElement("span");
      gap.className = "mf-gap";
      gap.textContent = `(${index})`;
      return [gap, text];
    });
  }

  caseStem(paper, item) {
    byId("case").hidden = !item.case;
    if (!item.case) return;
    const numbers = paper.items.filter((other) => other.case === item.case).map((other) => other.number);
    byId("case-stem").textContent = paper.cases[item.case];
    byId("case-span").textContent = say(this.words.case, { a: numbers[0], b: numbers[numbers.length - 1] });
  }

  options(item) {
    const several = item.kind === "multiple_choice";
    return choices(item, this.words).map(([id, text], index) => {
      const row = clone("t-option");
      const input = row.querySelector("input");
      row.dataset.id = id;
      row.classList.toggle("mf-opt--multi", several);
      input.type = several ? "checkbox" : "radio";
      input.value = id;
      row.querySelector(".k").textContent = LETTERS[index];
      row.querySelector(".t").textContent = text;
      input.addEventListener("change", () => this.on.choose(id));
      row.querySelector(".mf-opt__out").addEventListener("click", () => this.on.strike(id));
      return row;
    });
  }

  blanks(item) {
    return Array.from({ length: item.stem.split(GAP).length - 1 }, (_, index) => {
      const row = clone("t-blank");
      const input = row.querySelector("input");
      input.id = `blank-${index}`;
      row.querySelector("label").htmlFor = input.id;
      row.querySelector("label").textContent = say(this.words.blank, { n: index + 1 });
      let half = false; // an input method is still composing
      input.addEventListener("compositionstart", () => (half = true));
      input.addEventListener("compositionend", () => {
        half = false;
        this.on.type(index, input.value);
      });
      input.addEventListener("input", (event) => {
        if (!half && !event.isComposing) this.on.type(index, input.value);
      });
      input.addEventListener("blur", () => this.on.leave());
      return row;
    });
  }

  /* The answer and the struck options onto the rows that stand there. */
  answer(item, answer, struck) {
    if (item.kind === "fill_blank") {
      byId("rows").querySelectorAll("input").forEach((input, index) => {
        const text = (answer || [])[index] || "";
        if (document.activeElement !== input && input.value !== text) input.value = text;
      });
      return;
    }
    for (const row of byId("rows").children) {
      const chosen = answer.includes(row.dataset.id);
      const out = struck.includes(row.dataset.id);
      const letter = row.querySelector(".k").textContent;
      row.querySelector("input").checked = chosen;
      row.classList.toggle("is-on", chosen);
      row.classList.toggle("is-out", out);
      row.querySelector(".on").hidden = !chosen;
      const button = row.querySelector(".mf-opt__out");
      button.textContent = out ? this.words.back : this.words.out;
      button.setAttribute("aria-label", say(out ? this.words.backOption : this.words.outOption, { k: letter }));
    }
  }

  marked(yes) {
    byId("mark").setAttribute("aria-pressed", String(yes));
  }

  ends(first, last) {
    byId("previous").setAttribute("aria-disabled", String(first));
    byId("next").setAttribute("aria-disabled", String(last));
  }

  only(section) {
    for (const id of ["loading", "question", "review", "receipt"]) byId(id).hidden = id !== section;
    byId("bar").hidden = section !== "question"; // the review has its own two buttons
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
