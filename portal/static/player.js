/* The exam player: waiting, sitting and ending in one page. Joins its parts and decides what the candidate may do. */

const byId = (id) => document.getElementById(id);
const read = (id) => JSON.parse(byId(id).textContent);

const SOON = 300; // ms until a choice is sent
const TYPED = 1000; // ms until typed text is sent

class Player {
  constructor(parts, words, root) {
    const { view, text, line, clock, notices, away } = parts;
    Object.assign(this, { parts, words, root, say: view.say });
    const d = root.dataset;
    this.clock = new clock.Clock();
    this.line = new line.Line(d, document.querySelector('meta[name="csrf-token"]').content, this.clock);
    this.texts = new text.Text();
    this.view = new view.View(words, this.texts);
    this.notices = new notices.Notices(words, view.say, this.view);
    this.notices.saveRescue = () => this.rescue.save();
    this.away = new away.Away((s, keepalive) => this.line.left(s, keepalive), (n, s) => this.view.away(n, s));
    this.tabs = new parts.tabs.Tabs(d.attempt, () => this.supersede());
    this.sheet = new parts.sheet.Sheet(words, view.say, (item) => this.stateOf(item), (n) => this.show(n));
    this.watch = new parts.watch.Watch(this, this.line, this.clock, clock.span);
    this.join(parts, words, view, line, clock);
    this.mode = "closed"; // opening, waiting, open, paused, superseded, locked, done
    this.tries = 0;
  }

  /* The parts that call back. */
  join(parts, words, view, line, clock) {
    const announce = (text) => this.view.announce(text);
    this.rows = this.view.rows = new parts.rows.Rows(words, view.say, view.clone, this.texts, announce, {
      choose: (id) => this.choose(id),
      strike: (id) => this.strike(id),
      type: () => this.put(this.rows.typed(), TYPED),
      leave: () => this.journal.flush(),
      tooLong: (length, most) => this.notices.tooLong(length, most),
      order: (letters) => this.put(letters, SOON),
      match: (pairs) => this.put(pairs, SOON),
    });
    this.ending = new parts.ending.Ending(words, view.say, clock.hour, {
      flush: () => this.journal.flush(),
      handIn: () => this.handIn(),
      numbers: () => this.sheet.numbers(),
      jump: (n) => this.show(n),
      back: () => this.show(this.at),
      finished: (receipt) => this.finish(receipt),
      failed: (status) => this.notHandedIn(status),
      pause: line.pause,
    });
    this.waiting = new parts.waiting.Waiting(words, view.say, this.clock, clock.span, {
      start: () => this.line.start(),
      started: (body) => this.started(body),
      superseded: () => this.supersede(),
      stale: () => this.reopen(),
      refused: (body) => this.notStarted(body),
      announce,
      pause: line.pause,
    });
  }

  async start() {
    const { store, journal, line, desk, form, paper, rescue, secret } = this.parts;
    const { attempt } = this.root.dataset;
    this.store = await store.Store.open(attempt);
    this.desk = new desk.Desk(this.store);
    const hear = (event, detail) => this.hear(event, detail);
    this.journal = new journal.Journal(this.store, this.line, this.clock, line.pause, hear);
    this.form = new form.Form(this.store, this.line, paper.unseal, line.pause, (state) => this.waiting.form(state));
    this.rescue = new rescue.Rescue(this.root, secret.base64, paper.bytes, () => this.stamp(), {
      waiting: () => this.journal.waiting(),
      merge: (changes) => this.merge(changes),
      secret: () => this.store.secret,
      say: (kind, values) => this.notices.rescue(kind, values),
    });
    this.parts.controls.controls(this, this.parts.keys);
    this.line.seb = await this.parts.seb.headers();
    await this.open();
    setInterval(() => this.tick(), 250);
    this.watch.begin();
  }

  hour(seconds = this.clock.now()) {
    return this.parts.clock.hour(seconds);
  }

  /* 20261124-103205, for the name of a file. */
  stamp() {
    const at = new Date((this.clock.now() + 8 * 3600) * 1000).toISOString();
    return at.slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
  }

  tick() {
    this.waiting.tick();
    this.watch.tick();
  }

  /* ---- opening, taking over, beginning ---- */

  async open() {
    if (this.mode === "opening") return;
    this.mode = "opening";
    clearTimeout(this.again);
    this.waiting.stop();
    this.view.editable(false);
    const answer = await this.line.open();
    this.mode = "closed";
    if (answer.status === 200) await this.opened(answer.body);
    else if (answer.status === 401) this.signIn();
    else {
      this.notices.closed(answer.body.message, () => this.open());
      if ([403, 404].includes(answer.status)) return; // asking again changes nothing
      this.again = setTimeout(() => this.open(), this.parts.line.pause(this.tries++, answer));
    }
  }

  async opened(body) {
    if (body.state === "handed_in") {
      location.replace(this.root.dataset.outcome);
      return;
    }
    this.tries = 0;
    this.told = body;
    this.view.unnote("closed", "superseded", "sign-in");
    this.store.unlock(await this.parts.secret.Secret.from(this.parts.paper.bytes(body.device_key)));
    this.tabs.claim(body.epoch);
    if (body.state === "waiting") this.wait(body);
    else await this.begin(body);
  }

  /* The sealed form is fetched now, so that the start needs no more than a few hundred bytes. */
  wait(body) {
    this.mode = "waiting";
    this.view.only("waiting");
    this.waiting.begin(body.starts_at, body.spread);
    if (body.form) this.form.fetch(body.form);
    else this.waiting.form("drawn");
    this.waiting.tick();
  }

  notStarted(body) {
    if (body.error === "too_late") location.replace(this.root.dataset.outcome);
    this.mode = "closed";
    this.notices.notStarted(body.message, this.root.dataset.mine);
  }

  /* What the start tells, together with what opening the page told. */
  async started(body) {
    this.mode = "closed";
    this.tabs.claim(body.epoch);
    await this.begin({ ...this.told, ...body, answers: {}, away: [0, 0] });
  }

  async begin(body) {
    this.clock.deadline = body.deadline;
    if (this.paper) await this.desk.resume();
    else if (!(await this.take(body))) return;
    const answers = Object.entries(body.answers).map(([number, raw]) => {
      const item = this.items.get(Number(number));
      return [item.item, this.parts.rows.isList(item) && raw ? JSON.parse(raw) : raw];
    });
    this.lost(await this.journal.begin(answers));
    this.mode = "open";
    this.watch.up();
    this.view.editable(true);
    this.view.save(this.journal.pending.length ? "saving" : "saved");
    this.away.begin(...body.away);
    this.show(this.wished() || this.desk.at, !this.first);
    this.first = false;
    if (!this.store.durable) this.hear("full");
    if (body.paused) await this.watch.pulse();
  }

  /* Unseal the paper and lay it out as it is his; true when it stands on the desk. */
  async take(body) {
    const whole = body.paper || (await this.unsealed(body));
    if (!whole) return false;
    this.paper = this.parts.paper.layOut(whole.paper, body.seed);
    this.view.read = whole.shown;
    this.texts.pictures = whole.pictures;
    this.items = new Map(this.paper.items.map((item) => [item.item, item]));
    await this.desk.load();
    this.parts.reading.reading(this.desk, () => this.desk.keep());
    this.sheet.build(this.paper.items);
    byId("exam-time").hidden = false;
    this.first = true;
    return true;
  }

  async unsealed(body) {
    if (!this.store.secret) {
      this.notices.notStarted(this.words.noSecret, this.root.dataset.mine);
      return null;
    }
    const whole = await this.form.open(body.form, body.key).catch(() => null);
    if (!whole) this.notices.closed(this.words.noForm, () => this.open());
    return whole;
  }

  signIn() {
    this.notices.signIn(this.root.dataset.signIn);
    if (this.journal.pending.length) this.view.save("kept", this.hour());
  }

  lost(changes) {
    const { shown } = this.parts.rows;
    const named = ({ item, answer }) => [item.number, shown(item, answer, this.words)];
    this.notices.lost(changes.map((change) => named({ ...change, item: this.items.get(change.item) })));
  }

  async merge(changes) {
    if (this.mode !== "open") throw new Error("lockedNow");
    this.lost(await this.journal.load(changes));
    this.show(this.at);
  }

  supersede() {
    if (!["open", "waiting", "paused"].includes(this.mode)) return;
    this.waiting.stop();
    if (this.mode === "paused") this.view.paused(false);
    this.mode = "superseded";
    this.journal.stop();
    this.desk.rest();
    this.away.rest();
    this.cancelEnding();
    if (this.paper) {
      this.show(this.at);
      this.sheet.draw();
    }
    this.view.editable(false);
    this.view.save("locked");
    this.view.unnote("offline");
    this.notices.superseded(() => this.open());
  }

  /* ---- questions ---- */

  wished() {
    return Number((/^#q(\d+)$/.exec(location.hash) || [0, 0])[1]);
  }

  show(number, focus = true) {
    const items = this.paper.items;
    const item = items[Math.min(Math.max(number, 1), items.length) - 1];
    if (item.number !== this.at) this.view.unnote("minutes", "extended", "long", "rescue");
    this.at = item.number;
    this.item = item;
    this.desk.see(item.item, item.number);
    if (location.hash === "#sheet") location.replace(`#q${this.at}`); // closes the sheet: :target follows navigation
    else history.replaceState(null, "", `#q${this.at}`);
    if (this.mode === "paused") return;
    this.view.question(this.paper, item, focus);
    this.view.ends(this.at === 1, this.at === items.length);
    this.draw();
  }

  draw() {
    this.rows.answer(this.item, this.journal.answer(this.item.item), this.desk.struckOf(this.item.item));
    this.view.marked(this.desk.marked(this.item.item));
    this.sheet.draw();
  }

  stateOf(item) {
    const done = this.parts.journal.plain(this.journal.answer(item.item)) !== "";
    const seen = this.desk.seen.includes(item.item);
    return {
      state: done ? "done" : seen ? "blank" : "unseen",
      kept: (this.watch.offline || this.mode !== "open") && this.journal.waits(item.item),
      flag: this.desk.marked(item.item),
      here: item.number === this.at,
    };
  }

  waitingList() {
    const waiting = this.paper.items.filter((item) => this.journal.waits(item.item)).map((item) => item.number);
    return this.parts.sheet.runs(waiting, this.words, this.say);
  }

  choose(id) {
    if (this.mode !== "open") return;
    const { item } = this.item;
    const many = this.parts.rows.several(this.item);
    const set = new Set(many ? this.journal.answer(item) : "");
    if (many && set.has(id)) set.delete(id);
    else set.add(id);
    this.desk.bring(item, id);
    this.journal.record(item, [...set].sort().join(""), SOON);
    this.draw();
    this.desk.keep();
  }

  /* Ruling an option out takes it out of the answer as well. */
  strike(id) {
    if (this.mode !== "open") return;
    const { item } = this.item;
    if (this.desk.strike(item, id)) this.journal.record(item, this.journal.answer(item).replace(id, ""), SOON);
    this.draw();
  }

  /* Blanks typed, steps ordered, entries matched. */
  put(answer, delay) {
    if (this.mode !== "open") return;
    this.journal.record(this.item.item, answer, delay);
    this.draw();
  }

  mark() {
    this.desk.mark(this.item.item);
    this.draw();
  }

  /* ---- what the journal says ---- */

  hear(event, detail) {
    if (event === "saved") {
      this.reopened = false;
      this.watch.saved();
      this.view.save(this.journal.pending.length ? "saving" : "saved", this.hour(detail));
    } else if (event === "saving") {
      this.watch.saving();
      this.view.save(this.watch.offline ? "kept" : "saving", this.hour());
    } else if (event === "kept") this.watch.down(detail.status);
    else if (event === "paused") this.watch.pulse();
    else if (event === "superseded") this.supersede();
    else if (event === "stale") this.reopen();
    else if (event === "late") this.late();
    else if (event === "full") this.notices.full();
    else if (event === "refused") this.notices.refused(this.items.get(detail.item).number, detail.message || "");
    if (this.paper && this.mode !== "done") this.sheet.draw();
  }

  /* The token is not taken any more: open once more, then ask the candidate. */
  reopen() {
    if (this.reopened) this.signIn();
    else {
      this.reopened = true;
      this.open();
    }
  }

  late() {
    this.notices.late();
    if (this.mode === "open" && this.clock.left() > 0) this.elsewhere();
    else this.watch.lock();
  }

  /* Handed in from another page, or by the server: only the receipt is left to show. */
  elsewhere() {
    this.closedThere = true;
    this.mode = "locked";
    this.view.paused(false);
    this.show(this.at);
    this.view.editable(false);
    this.ending.want();
  }

  /* ---- the end ---- */

  /* When time made the page hand in, the server is asked first whether there is more time now. */
  async handIn() {
    if (this.mode === "locked" && !this.closedThere) {
      if (!(await this.watch.pulse())) return { status: 0, body: {} };
      if (this.mode !== "locked") return { status: 0, body: {} };
    }
    const answer = await this.line.handIn();
    if (answer.body.error === "superseded" && this.closedThere) location.replace(this.root.dataset.outcome);
    else if (answer.body.error === "superseded") this.supersede();
    else if (answer.body.error === "paused") await this.watch.pulse();
    return answer;
  }

  cancelEnding() {
    this.ending.cancel();
  }

  notHandedIn(status) {
    if (status === 401) this.reopen();
    if (this.mode === "locked") this.notices.over(false, this.journal.pending.length > 0);
  }

  async finish(receipt) {
    this.mode = "done";
    this.journal.stop();
    this.away.rest();
    this.view.unnote("over", "offline", "minutes", "extended", "sign-in", "rescue", "long");
    byId("sheet").hidden = byId("exam-time").hidden = true;
    this.view.only("receipt");
    this.ending.receipt(receipt);
    await this.store.clear().catch(() => {});
  }
}

async function main() {
  const addresses = Object.entries(read("player-parts"));
  const loaded = await Promise.all(addresses.map(([, address]) => import(address)));
  const parts = Object.fromEntries(addresses.map(([name], index) => [name, loaded[index]]));
  await new Player(parts, read("player-words"), byId("player")).start();
}

main();
