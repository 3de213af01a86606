/* The answer sheet: number, state, filter, jump. */

const byId = (id) => document.getElementById(id);

/* 10, 11, 12, 15 is "10 to 12, 15". */
export function runs(numbers, words, say) {
  const parts = [];
  for (const n of numbers) {
    const last = parts[parts.length - 1];
    if (last && last[1] === n - 1) last[1] = n;
    else parts.push([n, n]);
  }
  return parts.map(([a, b]) => (a === b ? String(a) : say(words.range, { a, b }))).join(words.join);
}

export class Sheet {
  /* `stateOf(item)` is {state: done|blank|unseen, kept, flag, here}; `jump(number)` shows a question. */
  constructor(words, say, stateOf, jump) {
    Object.assign(this, { words, say, stateOf, jump });
    this.filter = null;
    byId("counts").addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (!link) return;
      event.preventDefault();
      this.only(this.filter === link.dataset.filter ? null : link.dataset.filter);
    });
    byId("counts").addEventListener("keydown", (event) => {
      if (event.key === " " && event.target.matches("a")) {
        event.preventDefault();
        event.target.click();
      }
    });
    byId("filter-off").addEventListener("click", () => this.only(null));
    byId("sheet-close").addEventListener("click", (event) => {
      event.preventDefault();
      this.close();
    });
  }

  build(items) {
    this.items = items;
    byId("sheet-total").textContent = this.say(this.words.total, { n: items.length });
    this.links = items.map((item) => {
      const row = byId("t-number").content.firstElementChild.cloneNode(true);
      const link = row.firstElementChild;
      link.href = `#q${item.number}`;
      link.textContent = item.number;
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.jump(item.number);
      });
      byId("numbers").append(row);
      return link;
    });
    byId("sheet").hidden = false;
  }

  close() {
    if (location.hash === "#sheet") location.replace("#main"); // :target follows navigation only
  }

  only(state) {
    this.filter = state;
    this.draw();
  }

  count() {
    const counts = { done: 0, blank: 0, unseen: 0, flag: 0, kept: 0 };
    for (const item of this.items) {
      const is = this.stateOf(item);
      counts[is.state] += 1;
      counts.flag += is.flag;
      counts.kept += is.kept;
    }
    return counts;
  }

  /* What the review lists: how many are answered, and the numbers unanswered, marked, kept on this device. */
  numbers() {
    const found = { done: 0, blank: [], flag: [], kept: [] };
    for (const item of this.items) {
      const is = this.stateOf(item);
      if (is.state === "done") found.done += 1;
      else found.blank.push(item.number);
      if (is.flag) found.flag.push(item.number);
      if (is.kept) found.kept.push(item.number);
    }
    return found;
  }

  draw() {
    const counts = this.count();
    for (const link of byId("counts").children) {
      link.firstElementChild.textContent = counts[link.dataset.filter];
      const on = link.dataset.filter === this.filter;
      link.setAttribute("aria-pressed", String(on));
      if (on) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    byId("filter").hidden = !this.filter;
    if (this.filter) {
      byId("filter").firstElementChild.textContent = this.say(this.words.filtered, {
        state: this.words.states[this.filter],
      });
    }
    byId("key-kept").hidden = !counts.kept;
    byId("sheet-count").textContent = `${counts.done}/${this.items.length}`;
    this.items.forEach((item, index) => this.one(item, this.links[index]));
  }

  one(item, link) {
    const is = this.stateOf(item);
    const states = this.words.states;
    const classes = [is.kept ? "kept" : is.state, is.flag && "flag", is.here && "here"].filter(Boolean);
    link.className = classes.join(" ");
    const said = [this.say(this.words.number, { n: item.number }), states[is.state], is.kept && states.kept,
      is.flag && states.flag, is.here && states.here];
    link.setAttribute("aria-label", said.filter(Boolean).join(this.words.join));
    if (is.here) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    link.parentNode.hidden = Boolean(this.filter) && !(this.filter === "flag" ? is.flag : is.state === this.filter);
  }
}
