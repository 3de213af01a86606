/* Answers on their way: each change is numbered, kept on the device until the server acknowledges it, sent in batches.

   Answers are option letters in order, "T"/"F", the steps' letters in the candidate's order, or a list of blanks or of
   the numbers matched; "" is no answer. */

const BATCH = 100;

export function plain(answer) {
  if (Array.isArray(answer)) return answer.some((blank) => blank) ? JSON.stringify(answer) : "";
  return answer || "";
}

export class Journal {
  /* `pause` gives the wait before a retry; `tell(event, detail)` hears saving, saved, kept, refused, full, paused,
     late, stale, superseded. */
  constructor(store, line, clock, pause, tell) {
    Object.assign(this, { store, line, clock, pause, tell });
    this.page = Array.from(crypto.getRandomValues(new Uint32Array(2)), (n) => n.toString(36)).join("");
    this.made = 0;
    this.pending = [];
    this.saved = new Map();
    this.running = null;
    this.stopped = true;
  }

  /* Start under a new epoch: what the server has, then what this device still held. Returns answers lost to another
     device. */
  async begin(answers) {
    this.saved = new Map(answers);
    this.tries = 0;
    this.size = BATCH;
    this.pending = [];
    this.sequence = 0;
    this.held = false;
    const lost = await this.merge(await this.store.changes());
    this.stopped = false;
    if (this.pending.length) this.plan(0);
    return lost;
  }

  /* Take up changes that were kept somewhere. What another device changed after they were made stays as the server has
     it: those are returned. */
  async merge(kept) {
    const byItem = new Map();
    for (const change of kept) byItem.set(change.item, [...(byItem.get(change.item) || []), change]);
    const lost = [];
    for (const [item, changes] of byItem) {
      const known = plain(this.saved.get(item));
      const ours = [plain(changes[0].base), ...changes.map((c) => plain(c.answer))];
      const last = changes[changes.length - 1];
      const obsolete = changes.slice(0, -1);
      if (!ours.includes(known)) lost.push(last);
      if (!ours.includes(known) || known === plain(last.answer)) obsolete.push(last);
      else this.pending.push({ ...last, sent: false, sequence: ++this.sequence });
      await this.store.drop(obsolete.map((c) => c.key));
    }
    return lost;
  }

  /* The same of a rescue file; what was entered here after it was saved stays. */
  async load(changes) {
    const known = new Map(this.pending.map((change) => [change.item, change.made]));
    const newer = changes.filter(({ item, made }) => !known.has(item) || known.get(item) < made);
    const named = newer.map((change) => ({ ...change, key: this.key() }));
    const lost = await this.merge(named);
    for (const change of this.pending.filter((c) => named.some(({ key }) => key === c.key))) {
      await this.store.put(change).catch(() => this.tell("full"));
    }
    await this.flush();
    return lost;
  }

  key() {
    return `${this.page}-${++this.made}`;
  }

  /* What a rescue file carries. */
  waiting() {
    return this.pending.map(({ item, answer, base, made }) => ({ item, answer, base: plain(base), made }));
  }

  answer(item) {
    for (let i = this.pending.length - 1; i >= 0; i--) {
      if (this.pending[i].item === item) return this.pending[i].answer;
    }
    return this.saved.get(item) || "";
  }

  waits(item) {
    return this.pending.some((c) => c.item === item);
  }

  /* A new answer; a change of the same item that has not left yet gives way to it. */
  record(item, answer, delay) {
    if (this.stopped || plain(answer) === plain(this.answer(item))) return;
    const before = this.pending.find((c) => c.item === item && !c.sent);
    if (before) {
      this.pending.splice(this.pending.indexOf(before), 1);
      this.store.drop([before.key]).catch(() => {});
    }
    const change = {
      key: this.key(),
      item,
      answer,
      base: before ? before.base : this.saved.get(item) || "",
      made: this.clock.now(),
      sent: false,
      sequence: ++this.sequence,
    };
    this.pending.push(change);
    this.store.put(change).catch(() => this.tell("full"));
    this.tell("saving");
    this.plan(delay);
  }

  plan(delay) {
    clearTimeout(this.timer);
    if (this.held) return;
    this.timer = setTimeout(() => this.flush(), delay);
  }

  /* Send everything now. Resolves to true when nothing waits any more. */
  flush() {
    clearTimeout(this.timer);
    if (!this.running) {
      this.running = this.run().finally(() => {
        this.running = null;
      });
    }
    return this.running;
  }

  async run() {
    while (this.pending.length && !this.stopped && !this.held) {
      const batch = this.pending.slice(0, this.size);
      for (const change of batch) change.sent = true;
      const answer = await this.line.save(batch.map((c) => [c.sequence, c.item, c.answer]));
      if (answer.status === 200) this.acknowledge(batch, answer.body.at);
      else if (!this.refused(answer, batch)) return false;
    }
    return !this.pending.length;
  }

  acknowledge(batch, at) {
    this.tries = 0;
    this.size = BATCH;
    for (const change of batch) this.saved.set(change.item, change.answer);
    this.forget(batch);
    this.tell("saved", at);
  }

  forget(batch) {
    this.pending = this.pending.filter((c) => !batch.includes(c));
    this.store.drop(batch.map((c) => c.key)).catch(() => {});
  }

  /* Returns true when sending may go on at once. */
  refused(answer, batch) {
    const { status, body } = answer;
    if (status === 409 && body.error === "too_late") {
      this.forget(batch); // the server keeps it as evidence
      this.tell("late");
      return true;
    }
    if (status === 409 && body.error === "paused") {
      this.held = true; // until the clock goes on
      this.tell("paused");
      return false;
    }
    if (status === 401 || status === 409) {
      this.stopped = true;
      this.tell(body.error === "superseded" ? "superseded" : "stale");
      return false;
    }
    if (status === 400 || status === 413 || status === 422) {
      if (batch.length > 1) {
        this.size = 1; // find the one that does not fit
        return true;
      }
      this.forget(batch);
      this.tell("refused", { item: batch[0].item, message: body.message });
      return true;
    }
    this.tell("kept", { status, message: body.message });
    this.plan(this.pause(this.tries++, answer));
    return false;
  }

  /* The page goes away: send once more without waiting. What is not acknowledged stays on the device. */
  part() {
    if (this.stopped || !this.pending.length) return;
    const batch = this.pending.slice(0, BATCH);
    for (const change of batch) change.sent = true;
    this.line.save(batch.map((c) => [c.sequence, c.item, c.answer]), true).then((answer) => {
      if (answer.status === 200) this.acknowledge(batch, answer.body.at);
    });
  }

  /* The clock goes on. */
  resume() {
    if (!this.held) return;
    this.held = false;
    if (this.pending.length) this.plan(0);
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }
}
