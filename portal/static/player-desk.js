/* The candidate's desk of one attempt: marks, struck options, what was seen, the place. No answer stands here. */

export class Desk {
  constructor(store) {
    this.store = store;
    Object.assign(this, { marks: [], struck: {}, seen: [], at: 1, hidden: false, text: "", contrast: "" });
  }

  /* Another page has the desk now: what is done here is not written over its own. */
  rest() {
    this.resting = true;
  }

  /* What the other page marked and struck meanwhile is taken over. */
  async resume() {
    if (this.resting) await this.load();
  }

  async load() {
    this.resting = false;
    const kept = await this.store.desk().catch(() => null);
    Object.assign(this, kept || {});
  }

  keep() {
    if (this.resting) return;
    const { marks, struck, seen, at, hidden, text, contrast } = this;
    this.store.keepDesk({ marks, struck, seen, at, hidden, text, contrast }).catch(() => {});
  }

  marked(item) {
    return this.marks.includes(item);
  }

  mark(item) {
    if (this.resting) return;
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
