/* Time and line while a paper runs: the server's clock, the pulse, pause and extension, locking when time is over. */

const SLOW = 3; // seconds until "saving" is called "kept on this device"
const ALWAYS_SHOWN = 5 * 60; // seconds left from which the time cannot be hidden
const PULSE = 30000; // ms between two looks at the server, up to twice as long
const STANDING = 8000; // the same while the clock stands
const BEFORE_END = 3; // seconds before the end, and up to five more, at which the server is asked for more time

export class Watch {
  /* `player` has mode, paper, journal, view, notices, ending, desk, and the deeds supersede, elsewhere, show. */
  constructor(player, line, clock, span) {
    Object.assign(this, { player, line, clock, span });
    this.downSince = this.savingSince = null; // performance.now() of a dropped line, of an answer under way
    this.since = null; // server's time from which the clock stands
    this.beforeEnd = BEFORE_END + Math.random() * 5; // a hall does not ask in one moment
    this.asked = 0; // the deadline before which the server was asked for the last time
  }

  begin() {
    this.plan();
  }

  plan() {
    clearTimeout(this.timer);
    const least = this.player.mode === "paused" ? STANDING : PULSE;
    this.timer = setTimeout(() => this.pulse(), least * (1 + Math.random()));
  }

  /* ---- the line ---- */

  get offline() {
    return this.downSince !== null;
  }

  down(status = 0) {
    this.status = status;
    if (this.downSince === null) this.downSince = performance.now();
    const { mode, journal, view } = this.player;
    if (mode === "open" && journal.pending.length) view.save("kept", this.player.hour());
  }

  up() {
    this.downSince = null;
    this.player.view.unnote("offline");
    this.player.away.send();
  }

  saving() {
    this.savingSince = this.savingSince || performance.now();
  }

  saved() {
    this.up();
    if (!this.player.journal.pending.length) this.savingSince = null;
  }

  /* True when the server answered. */
  async pulse() {
    const { player } = this;
    this.plan();
    if (!this.line.attempt || ["closed", "opening", "superseded", "done"].includes(player.mode)) return false;
    const { token } = this.line;
    const { status, body } = await this.line.pulse(player.journal.pending.length);
    if (token !== this.line.token || player.mode === "done") return false; // taken over meanwhile: about the past
    if (status === 0 || status >= 500) this.down(status);
    if (status === 401) player.reopen();
    if (status !== 200) return false;
    if (!player.journal.pending.length) this.up();
    this.hear(body);
    return true;
  }

  hear(body) {
    const { player } = this;
    const more = body.deadline - this.clock.deadline > 1 && player.mode !== "paused";
    this.clock.deadline = body.deadline;
    player.reopened = false;
    if (body.state === "handed_in") player.elsewhere();
    else if (!body.current) player.supersede();
    else if (body.paused) this.stand(body.paused_at, body.because);
    else {
      if (player.mode === "paused") this.goOn();
      if (player.mode === "locked" && this.clock.left() > 0) this.unlock();
      if (more) player.notices.extended();
      if (player.journal.pending.length) player.journal.flush();
    }
    if (player.paper && player.mode !== "done") player.sheet.draw();
  }

  /* ---- a pause ---- */

  stand(since, because) {
    const { player } = this;
    this.since = since || this.since || this.clock.now();
    if (player.mode !== "paused") {
      player.cancelEnding();
      player.mode = "paused";
      player.away.rest();
      player.journal.flush(); // what was entered before still has its grace
      player.view.editable(false);
      player.view.save("locked");
      player.view.paused(true);
      player.view.unnote("offline", "minutes", "extended", "long", "rescue");
      this.plan();
    }
    player.notices.paused(player.hour(this.since), because);
  }

  goOn() {
    const { player } = this;
    this.since = null;
    player.mode = "open";
    player.away.wake();
    player.journal.resume();
    player.view.editable(true);
    player.view.paused(false);
    player.view.save(player.journal.pending.length ? "saving" : "saved");
    player.notices.goesOn();
    player.show(player.at);
    this.plan();
  }

  /* ---- time ---- */

  /* Seconds left; while the clock stands, those there were when it stopped. */
  left() {
    return this.player.mode === "paused" ? this.clock.deadline - this.since : this.clock.left();
  }

  tick() {
    const { player } = this;
    if (player.mode === "done" || !player.paper) return;
    if (this.clock.slept()) this.pulse();
    const left = this.left();
    const mayHide = left > ALWAYS_SHOWN;
    player.view.time(this.span(left), player.desk.hidden && mayHide, mayHide);
    if (player.mode !== "open") return;
    player.notices.time(this.before, left);
    this.before = left;
    this.slow();
    this.tellOffline();
    if (left <= this.beforeEnd && this.asked !== this.clock.deadline) {
      this.asked = this.clock.deadline;
      this.pulse();
    }
    if (left <= 0) this.lock();
  }

  slow() {
    const { journal, sheet } = this.player;
    const slow = this.savingSince && performance.now() - this.savingSince > SLOW * 1000;
    if (!slow || !journal.pending.length || this.offline) return;
    this.down();
    sheet.draw();
  }

  tellOffline() {
    if (!this.offline) return;
    const list = this.player.waitingList();
    this.player.notices.offline((performance.now() - this.downSince) / 1000, list, this.status);
  }

  /* ---- the end ---- */

  /* Text an input method still holds is taken first, then nothing can be changed; before handing in, the server is
     asked once more whether there is time after all. */
  async lock() {
    const { player } = this;
    if (player.mode !== "open") return;
    player.view.letGo();
    player.mode = "locked";
    player.away.rest();
    player.cancelEnding();
    player.show(player.at);
    player.view.editable(false);
    player.view.save("locked");
    player.view.unnote("offline", "minutes");
    player.notices.over(true);
    player.journal.flush();
    await this.pulse();
    const wait = Math.max(0, this.clock.left() * 1000) + 300 + Math.random() * 2500; // a hall ends in one moment
    setTimeout(() => player.mode === "locked" && player.ending.want(), wait);
  }

  unlock() {
    const { player } = this;
    player.cancelEnding();
    player.mode = "open";
    player.away.wake();
    player.view.unnote("over");
    player.view.editable(true);
    player.view.save(player.journal.pending.length ? "saving" : "saved");
    player.show(player.at);
  }
}
