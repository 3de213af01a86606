/* The exam player: joins store, line, clock, journal, sheet and view, and decides what the candidate may do. */

const byId = (id) => document.getElementById(id);
const read = (id) => JSON.parse(byId(id).textContent);

const SOON = 300; // ms until a choice is sent
const TYPED = 1000; // ms until typed text is sent
const SLOW = 3; // seconds until "saving" is called "kept on this device"
const ALWAYS_SHOWN = 5 * 60; // seconds left from which the time cannot be hidden
const PULSE = 60000; // ms between two looks at the server

class Player {
  constructor(parts, words, root) {
    const { view, rows, text, line, clock, sheet, ending, away, notices, tabs } = parts;
    Object.assign(this, { parts, words, root, say: view.say });
    const d = root.dataset;
    this.clock = new clock.Clock();
    const csrf = document.querySelector('meta[name="csrf-token"]').content;
    this.line = new line.Line(d, csrf, this.clock); // open, answers, pulse, left, handIn
    this.texts = new text.Text(d.pictures);
    this.view = new view.View(words, this.texts);
    this.rows = this.view.rows = new rows.Rows(words, view.say, view.clone, this.texts, (t) => this.view.announce(t), {
      choose: (id) => this.choose(id),
      strike: (id) => this.strike(id),
      type: () => this.put(this.rows.typed(), TYPED),
      leave: () => this.journal.flush(),
      order: (letters) => this.put(letters, SOON),
      match: (pairs) => this.put(pairs, SOON),
    });
    this.tabs = new tabs.Tabs(d.attempt, () => this.supersede());
    this.notices = new notices.Notices(words, view.say, this.view);
    this.sheet = new sheet.Sheet(words, view.say, (item) => this.stateOf(item), (n) => this.show(n));
    this.away = new away.Away((s, keepalive) => this.line.left(s, keepalive), (n, s) => this.view.away(n, s));
    this.ending = new ending.Ending(words, view.say, clock.hour, {
      flush: () => this.journal.flush(),
      handIn: () => this.line.handIn(),
      numbers: () => this.sheet.numbers(),
      jump: (n) => this.show(n),
      back: () => this.show(this.at),
      finished: (receipt) => this.finish(receipt),
      failed: (status) => this.notHandedIn(status),
      pause: line.pause,
    });
    this.mode = "closed"; // opening, open, superseded, locked, done
    this.downSince = this.savingSince = null; // performance.now() of a dropped line, of an answer under way
    this.tries = 0;
  }

  async start() {
    const { store, journal, line } = this.parts;
    this.store = await store.Store.open(this.root.dataset.attempt);
    const desk = await this.store.desk().catch(() => null);
    this.desk = { marks: [], struck: {}, seen: [], at: 1, hidden: false, text: "", contrast: "", ...desk };
    this.journal = new journal.Journal(this.store, this.line, this.clock, line.pause, (event, detail) =>
      this.hear(event, detail),
    );
    if (!this.store.durable) this.hear("full");
    this.parts.reading.reading(this.desk, () => this.keep());
    this.listen();
    await this.open();
    setInterval(() => this.tick(), 250);
    setInterval(() => this.pulse(), PULSE * (0.75 + Math.random() / 2));
  }

  /* ---- opening, taking over ---- */

  async open() {
    if (this.mode === "opening") return;
    this.mode = "opening";
    clearTimeout(this.again);
    this.view.editable(false);
    const answer = await this.line.open();
    this.mode = "closed";
    if (answer.status === 200) await this.opened(answer.body);
    else if (answer.status === 401) this.signIn();
    else {
      this.notices.closed(answer.body.message, () => this.open());
      this.again = setTimeout(() => this.open(), this.parts.line.pause(this.tries++));
    }
  }

  async opened(body) {
    if (body.state === "handed_in") {
      location.replace(this.root.dataset.outcome);
      return;
    }
    this.tries = 0;
    this.clock.deadline = body.deadline;
    const first = !this.paper;
    this.paper = body.paper;
    this.view.read = body.shown;
    if (first) this.texts.fetchAll(body.shown);
    this.items = new Map(body.paper.items.map((item) => [item.item, item]));
    const answers = Object.entries(body.answers).map(([number, raw]) => {
      const item = this.items.get(Number(number));
      return [item.item, this.parts.rows.isList(item) && raw ? JSON.parse(raw) : raw];
    });
    this.lost(await this.journal.begin(answers));
    this.mode = "open";
    this.view.unnote("closed", "superseded", "sign-in");
    this.up();
    this.view.editable(true);
    this.view.save(this.journal.pending.length ? "saving" : "saved");
    if (first) this.sheet.build(this.paper.items);
    this.tabs.claim(body.epoch);
    this.away.begin(...body.away);
    this.show(this.wished() || this.desk.at, !first);
  }

  signIn() {
    this.notices.signIn(this.root.dataset.signIn);
  }

  lost(changes) {
    const { shown } = this.parts.rows;
    const named = ({ item, answer }) => [item.number, shown(item, answer, this.words)];
    this.notices.lost(changes.map((change) => named({ ...change, item: this.items.get(change.item) })));
  }

  supersede() {
    if (this.mode !== "open") return;
    this.mode = "superseded";
    this.journal.stop();
    this.ending.cancel();
    this.show(this.at);
    this.view.editable(false);
    this.view.save("locked");
    this.view.unnote("offline");
    this.sheet.draw();
    this.notices.superseded(() => this.open());
  }

  /* ---- questions ---- */

  wished() {
    return Number((/^#q(\d+)$/.exec(location.hash) || [0, 0])[1]);
  }

  show(number, focus = true) {
    const items = this.paper.items;
    const item = items[Math.min(Math.max(number, 1), items.length) - 1];
    if (item.number !== this.at) this.view.unnote("minutes");
    this.at = this.desk.at = item.number;
    this.item = item;
    if (!this.desk.seen.includes(item.item)) this.desk.seen.push(item.item);
    if (location.hash === "#sheet") location.replace(`#q${this.at}`); // closes the sheet: :target follows navigation
    else history.replaceState(null, "", `#q${this.at}`);
    this.view.question(this.paper, item, focus);
    this.view.ends(this.at === 1, this.at === items.length);
    this.draw();
    this.keep();
  }

  draw() {
    const struck = this.desk.struck[this.item.item] || [];
    this.rows.answer(this.item, this.journal.answer(this.item.item), struck);
    this.view.marked(this.desk.marks.includes(this.item.item));
    this.sheet.draw();
  }

  keep() {
    this.store.keepDesk(this.desk).catch(() => {});
  }

  stateOf(item) {
    const done = this.parts.journal.plain(this.journal.answer(item.item)) !== "";
    const seen = this.desk.seen.includes(item.item);
    return {
      state: done ? "done" : seen ? "blank" : "unseen",
      kept: (this.downSince !== null || this.mode !== "open") && this.journal.waits(item.item),
      flag: this.desk.marks.includes(item.item),
      here: item.number === this.at,
    };
  }

  choose(id) {
    if (this.mode !== "open") return;
    const { item } = this.item;
    const many = this.parts.rows.several(this.item);
    const set = new Set(many ? this.journal.answer(item) : "");
    if (many && set.has(id)) set.delete(id);
    else set.add(id);
    this.desk.struck[item] = (this.desk.struck[item] || []).filter((other) => other !== id);
    this.journal.record(item, [...set].sort().join(""), SOON);
    this.draw();
    this.keep();
  }

  /* Ruling an option out takes it out of the answer as well. */
  strike(id) {
    if (this.mode !== "open") return;
    const { item } = this.item;
    const struck = this.desk.struck[item] || [];
    const out = !struck.includes(id);
    this.desk.struck[item] = out ? [...struck, id] : struck.filter((other) => other !== id);
    if (out) this.journal.record(item, this.journal.answer(item).replace(id, ""), SOON);
    this.draw();
    this.keep();
  }

  /* Blanks typed, steps ordered, entries matched. */
  put(answer, delay) {
    if (this.mode !== "open") return;
    this.journal.record(this.item.item, answer, delay);
    this.draw();
  }

  mark() {
    const marks = this.desk.marks;
    const { item } = this.item;
    this.desk.marks = marks.includes(item) ? marks.filter((other) => other !== item) : [...marks, item];
    this.draw();
    this.keep();
  }

  /* ---- what the journal says ---- */

  hear(event, detail) {
    const { hour } = this.parts.clock;
    if (event === "saved") {
      this.reopened = false;
      this.up();
      this.view.save(this.journal.pending.length ? "saving" : "saved", hour(detail));
      if (!this.journal.pending.length) this.savingSince = null;
    } else if (event === "saving") {
      this.savingSince = this.savingSince || performance.now();
      this.view.save(this.downSince === null ? "saving" : "kept", hour(this.clock.now()));
    } else if (event === "kept") this.down();
    else if (event === "superseded") this.supersede();
    else if (event === "stale") this.reopen();
    else if (event === "late") this.late();
    else if (event === "full") this.notices.full();
    else if (event === "refused") {
      this.notices.refused(this.items.get(detail.item).number, detail.message || "");
    }
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
    else this.lock();
  }

  /* Handed in from another page: only the receipt is left to show. */
  elsewhere() {
    this.mode = "locked";
    this.view.editable(false);
    this.ending.want();
  }

  down() {
    if (this.downSince === null) this.downSince = performance.now();
    if (this.mode !== "open" || !this.journal.pending.length) return;
    this.view.save("kept", this.parts.clock.hour(this.clock.now()));
  }

  up() {
    this.downSince = null;
    this.view.unnote("offline");
    if (this.away.waiting.length) this.away.send();
  }

  async pulse() {
    if (!this.line.token || this.mode === "done" || this.mode === "superseded") return;
    const { token } = this.line;
    const { status, body } = await this.line.pulse();
    if (token !== this.line.token) return; // taken over meanwhile: an answer about the past
    if (status === 0 || status >= 500) this.down();
    if (status !== 200) return;
    if (!this.journal.pending.length) this.up();
    this.clock.deadline = body.deadline;
    if (body.state === "handed_in") this.elsewhere();
    else if (!body.current) this.supersede();
    else if (this.journal.pending.length) this.journal.flush();
    this.sheet.draw();
  }

  /* ---- time ---- */

  tick() {
    if (this.mode === "done" || !this.paper) return;
    if (this.clock.slept()) this.pulse();
    const left = this.clock.left();
    const mayHide = left > ALWAYS_SHOWN;
    this.view.time(this.parts.clock.span(left), this.desk.hidden && mayHide, mayHide);
    this.notices.time(this.before, left);
    this.before = left;
    if (this.mode !== "open") return;
    const slow = this.savingSince && performance.now() - this.savingSince > SLOW * 1000;
    if (slow && this.journal.pending.length && this.downSince === null) {
      this.down();
      this.sheet.draw();
    }
    this.offline();
    if (left <= 0) this.lock();
  }

  offline() {
    if (this.downSince === null) return;
    const waiting = this.paper.items.filter((item) => this.journal.waits(item.item)).map((item) => item.number);
    const list = this.parts.sheet.runs(waiting, this.words, this.say);
    this.notices.offline((performance.now() - this.downSince) / 1000, list);
  }

  /* ---- the end ---- */

  lock() {
    if (this.mode === "locked" || this.mode === "done") return;
    this.mode = "locked";
    this.away.active = false;
    this.ending.cancel();
    this.show(this.at);
    this.view.editable(false);
    this.view.save("locked");
    this.view.unnote("offline", "minutes");
    this.notices.over(true);
    this.journal.flush();
    setTimeout(() => this.ending.want(), Math.max(0, this.clock.left() * 1000) + 300 + Math.random() * 1500);
  }

  notHandedIn(status) {
    if (status === 401) this.signIn();
    if (this.mode === "locked") this.notices.over(false);
  }

  async finish(receipt) {
    this.mode = "done";
    this.journal.stop();
    this.away.active = false;
    this.view.unnote("over", "offline", "minutes", "sign-in");
    byId("sheet").hidden = true;
    byId("time").closest("div").hidden = byId("hide-time").hidden = true;
    this.view.only("receipt");
    this.ending.receipt(receipt);
    await this.store.clear().catch(() => {});
  }

  /* ---- what the candidate does ---- */

  listen() {
    const on = (id, act) => byId(id).addEventListener("click", act);
    on("previous", () => this.show(this.at - 1));
    on("next", () => this.show(this.at + 1));
    on("mark", () => this.mark());
    on("to-review", () => {
      this.sheet.close();
      this.view.only("review");
      this.ending.review();
    });
    on("hide-time", () => {
      this.desk.hidden = !this.desk.hidden;
      this.keep();
    });
    window.addEventListener("hashchange", () => {
      if (location.hash === "#sheet") byId("sheet").focus();
      else if (this.wished() && this.wished() !== this.at && this.paper) this.show(this.wished());
    });
    this.parts.keys.keys({
      asked: () => this.paper && !byId("question").hidden,
      step: (by) => this.show(this.at + by),
      mark: () => this.mark(),
      pick: (index) => {
        const choice = this.parts.rows.choices(this.item, this.words)[index];
        if (choice) this.choose(choice[0]);
        else this.rows.focus(index);
      },
      close: () => this.sheet.close(),
    });
    window.addEventListener("pagehide", () => this.journal.part());
    window.addEventListener("offline", () => this.down());
    window.addEventListener("online", () => {
      this.journal.flush();
      this.ending.go();
      this.pulse();
    });
    document.addEventListener("visibilitychange", () => document.hidden || this.pulse());
    window.addEventListener("focus", () => this.pulse());
  }
}

async function main() {
  const addresses = Object.entries(read("player-parts"));
  const loaded = await Promise.all(addresses.map(([, address]) => import(address)));
  const parts = Object.fromEntries(addresses.map(([name], index) => [name, loaded[index]]));
  await new Player(parts, read("player-words"), byId("player")).start();
}

main();
