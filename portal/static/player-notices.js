/* Sentences in the flow of the page: time left, no connection, answers changed elsewhere. */

const SHAKY = 4; // seconds without the server until a note says so
const DOWN = 60; // … until a warning says so
const MINUTES = [30, 15, 5];

export class Notices {
  constructor(words, say, view) {
    Object.assign(this, { words, say, view });
  }

  /* A notice for each threshold that was crossed while the page stood open. */
  time(before, left) {
    for (const minutes of MINUTES) {
      if (before > minutes * 60 && left <= minutes * 60 && left > 0) {
        const title = this.say(this.words.minutes, { n: minutes });
        this.view.note("minutes", { sign: "clock", title, text: this.words.minutesText });
        this.view.announce(title);
      }
    }
  }

  /* `list` names the questions that wait, "" for none; `status` is what the server answered, 0 for nothing. */
  offline(seconds, list, status) {
    if (seconds < SHAKY) return;
    const words = this.words.offline;
    if (seconds < DOWN) {
      const title = status ? this.words.busy[status] || this.words.busy[503] : words.soon;
      this.view.note("offline", { tone: "due", sign: "device", title });
      return;
    }
    const n = Math.floor(seconds / 60);
    this.view.note("offline", {
      tone: "due",
      sign: "device",
      title: this.say(status ? words.refusing : words.late, { n }),
      text: list ? this.say(words.waiting, { list }) : words.nothing,
      more: words.ifTimeEnds,
      moreText: words.ifTimeEndsText,
      ...(list ? this.rescueButton() : {}),
    });
  }

  rescueButton() {
    return { button: this.words.rescue.button, act: this.saveRescue };
  }

  /* What the rescue file says: saved, loaded, nothing, impossible, large, foreign, damaged. */
  rescue(kind, values = {}) {
    const title = this.say(this.words.rescue[kind] || this.words.rescue.damaged, values);
    const good = kind === "saved" || kind === "loaded";
    this.view.note("rescue", { tone: good ? "ok" : "due", sign: good ? "check" : "warn", title });
    document.getElementById("note-rescue").dataset.kind = kind;
    this.view.announce(title);
  }

  paused(since, because) {
    const words = this.words.paused;
    this.view.because(this.say(words.since, { at: since }), words.causes[because] || "");
  }

  goesOn() {
    this.view.announce(this.words.paused.goesOn);
  }

  extended() {
    const title = this.words.extended;
    this.view.note("extended", { sign: "clock", title, text: this.words.minutesText });
    this.view.announce(title);
  }

  tooLong(n, most) {
    this.view.note("long", { tone: "due", sign: "warn", title: this.say(this.words.tooLong, { n, most }) });
    this.view.announce(this.say(this.words.tooLong, { n, most }));
  }

  /* `answers`: [[number, answer as shown], …] that another device changed. */
  lost(answers) {
    if (!answers.length) return;
    const { title, text, one } = this.words.lost;
    const list = answers.map(([n, answer]) => this.say(one, { n, answer })).join(this.words.join);
    this.view.note("lost", { tone: "due", sign: "device", title, text: this.say(text, { list }) });
  }

  signIn(href) {
    const { title, text, button } = this.words.signIn;
    this.view.note("sign-in", { tone: "due", sign: "device", title, text, link: button, href });
  }

  closed(message, act) {
    const { title, text, button } = this.words.closed;
    this.view.note("closed", { tone: "due", sign: "warn", title, text: message || text, button, act });
  }

  superseded(act) {
    const { title, text, button } = this.words.superseded;
    this.view.note("superseded", { tone: "due", sign: "lock", title, text, button, act });
    this.view.announce(title);
  }

  /* `waits`: answers are still on this device alone. */
  over(online, waits = false) {
    const { title, text, offline } = this.words.over;
    const said = online ? { sign: "clock", title, text } : { sign: "device", title: offline };
    const file = !online && waits ? { text: this.words.rescue.why, ...this.rescueButton() } : {};
    this.view.note("over", { tone: "due", ...said, ...file });
    if (online) this.view.announce(title);
  }

  late() {
    this.view.note("late", { tone: "due", sign: "clock", ...this.words.late });
  }

  /* The start is refused for a reason that does not pass. */
  notStarted(message, href) {
    const { title, link } = this.words.notStarted;
    this.view.note("closed", { tone: "bad", sign: "warn", title, text: message, link, href });
  }

  full() {
    this.view.note("full", { tone: "bad", sign: "warn", ...this.words.full });
  }

  refused(n, why) {
    this.view.note("refused", { tone: "bad", sign: "warn", title: this.say(this.words.refused, { n, why }) });
  }
}
