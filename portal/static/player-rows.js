/* What a question is answered with: options, blanks, steps to put in order, entries to match. */

const LETTERS = "ABCDEFGH";
const GAP = "____";
const SHORT = 40; // characters of an entry in a list to choose from
const SEVERAL = ["multiple_choice", "indefinite_choice"];
const LISTS = ["fill_blank", "matching"]; // their answers are lists

const byId = (id) => document.getElementById(id);

export const several = (item) => SEVERAL.includes(item.kind);
export const isList = (item) => LISTS.includes(item.kind);

/* What may be chosen: [[id, text], …]. */
export function choices(item, words) {
  if (item.kind === "true_false") return [["T", words.true], ["F", words.false]];
  return isList(item) || item.kind === "ordering" ? [] : item.options;
}

/* An answer in the letters and numbers this candidate sees. */
export function shown(item, answer, words) {
  if (item.kind === "fill_blank") return [].concat(answer).join(" / ") || "—";
  if (item.kind === "matching") {
    const place = new Map(item.matches.map(([id], index) => [id, index + 1]));
    return [].concat(answer).map((id, index) => `${LETTERS[index]}${place.get(id) || "—"}`).join(" ");
  }
  if (item.kind === "ordering") {
    const text = new Map(item.options);
    return [...answer].map((id) => text.get(id)).join(" → ") || "—";
  }
  const order = choices(item, words).map(([id]) => id);
  const letters = [...answer].map((id) => LETTERS[order.indexOf(id)]);
  return letters.sort().join("") || "—";
}

export class Rows {
  /* `on`: choose(id), strike(id), type(), leave(), tooLong(length, most), order(letters), match(answers).
     `texts` puts a text on the page. */
  constructor(words, say, clone, texts, announce, on) {
    Object.assign(this, { words, say, clone, texts, announce, on });
  }

  /* The rows of one question; `read` holds the trees of its texts. */
  build(item, read) {
    this.read = read;
    if (item.kind === "fill_blank") return this.blanks(item);
    if (item.kind === "ordering") return this.steps(item);
    if (item.kind === "matching") return this.pairs(item);
    return this.options(item);
  }

  /* The answer and the struck options onto the rows that stand there. */
  answer(item, answer, struck) {
    if (item.kind === "fill_blank") this.answerBlanks(answer);
    else if (item.kind === "ordering") this.answerSteps(item, answer);
    else if (item.kind === "matching") this.answerPairs(answer);
    else this.answerOptions(answer, struck);
  }

  tree(side, id) {
    return (this.read[side] || {})[id];
  }

  /* ---- options ---- */

  options(item) {
    return choices(item, this.words).map(([id, text], index) => {
      const row = this.clone("t-option");
      const input = row.querySelector("input");
      row.dataset.id = id;
      row.classList.toggle("mf-opt--multi", several(item));
      input.type = several(item) ? "checkbox" : "radio";
      input.value = id;
      row.querySelector(".k").textContent = LETTERS[index];
      this.texts.put(row.querySelector(".t"), text, this.tree("options", id));
      input.addEventListener("change", () => this.on.choose(id));
      row.querySelector(".mf-opt__out").addEventListener("click", () => this.on.strike(id));
      return row;
    });
  }

  answerOptions(answer, struck) {
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
      button.setAttribute("aria-label", this.say(out ? this.words.backOption : this.words.outOption, { k: letter }));
    }
  }

  /* ---- blanks ---- */

  blanks(item) {
    return Array.from({ length: item.stem.split(GAP).length - 1 }, (_, index) => {
      const row = this.clone("t-blank");
      const input = row.querySelector("input");
      input.id = `blank-${index}`;
      row.querySelector("label").htmlFor = input.id;
      row.querySelector("label").textContent = this.say(this.words.blank, { n: index + 1 });
      let half = false; // an input method is still composing
      input.addEventListener("compositionstart", () => (half = true));
      input.addEventListener("compositionend", () => {
        half = false;
        this.on.type();
      });
      input.addEventListener("input", (event) => {
        if (!half && !event.isComposing) this.on.type();
      });
      input.addEventListener("paste", (event) => this.pasted(event, input));
      input.addEventListener("blur", () => this.on.leave());
      return row;
    });
  }

  /* What does not fit is refused as a whole: a text cut off unseen would be worse. */
  pasted(event, input) {
    const text = event.clipboardData ? event.clipboardData.getData("text") : "";
    const left = input.maxLength - input.value.length + (input.selectionEnd - input.selectionStart);
    if (text.length <= left) return;
    event.preventDefault();
    this.on.tooLong(text.length, input.maxLength);
  }

  typed() {
    return Array.from(byId("rows").querySelectorAll("input"), (input) => input.value);
  }

  answerBlanks(answer) {
    byId("rows").querySelectorAll("input").forEach((input, index) => {
      const text = (answer || [])[index] || "";
      if (document.activeElement !== input && input.value !== text) input.value = text;
    });
  }

  /* ---- steps to put in order ---- */

  steps(item) {
    const list = this.clone("t-steps");
    for (const [id, text] of item.options) {
      const row = this.clone("t-step");
      row.dataset.id = id;
      this.texts.put(row.querySelector(".t"), text, this.tree("options", id));
      const move = (by) => this.move(row, by);
      row.querySelector(".up").addEventListener("click", () => move(-1));
      row.querySelector(".down").addEventListener("click", () => move(1));
      row.addEventListener("keydown", (event) => {
        const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
        if (!by || event.ctrlKey || event.altKey || event.metaKey) return;
        event.preventDefault();
        move(by);
      });
      list.append(row);
    }
    const keep = this.clone("t-keep");
    keep.querySelector("button").addEventListener("click", () => this.on.order(this.order()));
    return [list, keep];
  }

  order() {
    return Array.from(byId("rows").querySelectorAll(".mf-step"), (row) => row.dataset.id).join("");
  }

  move(row, by) {
    const order = [...this.order()];
    const from = order.indexOf(row.dataset.id);
    const to = from + by;
    if (to < 0 || to >= order.length || byId("answers").disabled) return;
    order.splice(to, 0, ...order.splice(from, 1));
    this.on.order(order.join(""));
    this.announce(this.say(this.words.moved, { n: to + 1 }));
  }

  answerSteps(item, answer) {
    const list = byId("rows").querySelector(".mf-order");
    const order = answer || item.options.map(([id]) => id).join("");
    const rows = new Map(Array.from(list.children, (row) => [row.dataset.id, row]));
    const at = document.activeElement;
    [...order].forEach((id, index) => {
      const row = rows.get(id);
      if (list.children[index] !== row) list.insertBefore(row, list.children[index]);
      row.querySelector(".k").textContent = index + 1;
      for (const [name, end, label] of [["up", 0, this.words.up], ["down", order.length - 1, this.words.down]]) {
        const button = row.querySelector(`.${name}`);
        button.setAttribute("aria-disabled", String(index === end));
        button.setAttribute("aria-label", this.say(label, { n: index + 1 }));
      }
    });
    list.classList.toggle("is-open", !answer);
    byId("rows").querySelector(".mf-keep").hidden = Boolean(answer);
    if (list.contains(at) && document.activeElement !== at) at.focus(); // moving a row takes the focus away
    else if (answer && at && at.closest(".mf-keep")) list.querySelector("button").focus();
  }

  /* ---- entries to match ---- */

  pairs(item) {
    const right = this.clone("t-right");
    item.matches.forEach(([id, text], index) => {
      const row = this.clone("t-match");
      row.querySelector(".k").textContent = index + 1;
      this.texts.put(row.querySelector(".t"), text, this.tree("matches", id));
      right.append(row);
    });
    const left = item.options.map(([id, text], index) => {
      const row = this.clone("t-pair");
      const select = row.querySelector("select");
      select.id = `pair-${index}`;
      row.querySelector("label").htmlFor = select.id;
      row.querySelector(".k").textContent = LETTERS[index];
      this.texts.put(row.querySelector(".t"), text, this.tree("options", id));
      select.append(...this.entries(item));
      select.addEventListener("change", () => this.on.match(this.matched()));
      return row;
    });
    return [right, ...left];
  }

  entries(item) {
    return [["", this.words.choose], ...item.matches.map(([id, text], index) => {
      const tree = this.tree("matches", id);
      const said = tree ? this.texts.words(tree) : text;
      return [id, `${index + 1} ${said.length > SHORT ? `${said.slice(0, SHORT)}…` : said}`];
    })].map(([id, said]) => new Option(said, id));
  }

  matched() {
    return Array.from(byId("rows").querySelectorAll("select"), (select) => select.value);
  }

  answerPairs(answer) {
    byId("rows").querySelectorAll("select").forEach((select, index) => {
      select.value = (answer || [])[index] || "";
      select.closest(".mf-pair").classList.toggle("is-on", select.value !== "");
    });
  }

  /* The key of a step or of an entry's list: focus goes there. */
  focus(index) {
    const places = byId("rows").querySelectorAll(".mf-step .down, .mf-pair select");
    if (places[index]) places[index].focus();
  }
}
