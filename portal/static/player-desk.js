/* The candidate's desk of one attempt: marks, struck options, what was seen, the place. No answer stands here. */

export class Desk {
  constructor(store) {
    this.store = store;
    Object.assign(this, { marks: [], struck: {}, seen: [], at: 1, hidden: false, text: "", contrast: "" });
  }

  async load() {
    const kept = await this.store.desk().catch(() => null);
    Object.assign(this, kept || {});
  }

  keep() {
    const { marks, struck, seen, at, hidden, text, contrast } = this;
    this.store.keepDesk({ marks, struck, seen, at, hidden, text, contrast }).catch(() => {});
  }

  marked(item) {
    return this.marks.includes(item);
  }

  mark(item) {
    this.marks = this.marked(item) ? this.marks.filter((other) => other !== item) : [...this.marks, item];
    this.keep();
  }

  struckOf(item) {
    return this.struck[item] || [];
  }

  /* True when the option is ruled out now, false when it is back. */
  strike(item, id) {
    const out = !this.struckOf(item).includes(id);
    if (out) this.struck = { ...this.struck, [item]: [...this.struckOf(item), id] };
    else this.bring(item, id);
    this.keep();
    return out;
  }

  bring(item, id) {
    this.struck = { ...this.struck, [item]: this.struckOf(item).filter((other) => other !== id) };
  }

  see(item, number) {
    if (!this.seen.includes(item)) this.seen = [...this.seen, item];
    this.at = number;
    this.keep();
  }
}
