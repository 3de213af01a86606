/* Waiting for the hour: a countdown by the server's clock, and a start that comes by itself. */

const byId = (id) => document.getElementById(id);
const SAID = [10 * 60, 5 * 60, 60]; // seconds left at which the time is read out
const WAY = 2; // seconds of the spread for the way to the server: who arrives after it loses time

export class Waiting {
  /* `deeds`: start() → {status, body}, started(body), superseded(), stale(), refused(body), announce(text),
     pause(tries, answer). The server spreads the starts of a hall over `spread` seconds; everybody has his full time. */
  constructor(words, say, clock, span, deeds) {
    Object.assign(this, { words, say, clock, span, deeds });
    this.on = false;
    this.round = 0;
  }

  begin(startsAt, spread) {
    Object.assign(this, { startsAt, spread, on: true, starting: false, tries: 0, before: Infinity });
    clearTimeout(this.timer);
    this.round += 1;
    this.go = this.clock.now() >= startsAt + spread ? 0 : startsAt + Math.random() * Math.max(0, spread - WAY);
  }

  stop() {
    this.on = false;
    clearTimeout(this.timer);
  }

  tick() {
    if (!this.on) return;
    const left = this.startsAt - this.clock.now();
    byId("wait-time").textContent = this.span(left);
    for (const mark of SAID) {
      const minutes = this.say(this.words.waiting.left, { n: mark / 60 });
      if (this.before > mark && left <= mark && left > mark - 5) this.deeds.announce(minutes);
    }
    this.before = left;
    if (left > 0 || this.starting) return;
    if (this.clock.now() >= this.go) this.start();
    else this.state("turn");
  }

  /* Asks until the paper is open or there is a reason why it will not be. */
  async start() {
    this.starting = true;
    this.timer = null;
    this.state("opening");
    const { round } = this;
    const answer = await this.deeds.start();
    const { status, body } = answer;
    if (!this.on || round !== this.round) return;
    if (status === 200) {
      this.stop();
      await this.deeds.started(body);
    } else if (body.error === "not_open") this.begin(body.starts_at, this.spread);
    else if (body.error === "superseded") this.deeds.superseded();
    else if (status === 401) this.deeds.stale();
    else if (status >= 400 && status < 500) {
      this.stop();
      this.deeds.refused(body);
    } else {
      this.state(status ? "busy" : "line");
      this.timer = setTimeout(() => this.start(), this.deeds.pause(this.tries++, answer));
    }
  }

  state(name) {
    byId("wait-state").textContent = this.words.waiting[name];
    byId("wait-state").dataset.state = name;
  }

  /* The line is back: no need to wait for the next try. */
  again() {
    if (!this.on || !this.starting || !this.timer) return;
    clearTimeout(this.timer);
    this.start();
  }

  /* What the sealed form does: fetching, waiting, here. */
  form(state) {
    byId("wait-form").dataset.state = state;
    byId("wait-form").textContent = this.words.waiting.form[state];
    byId("wait-form").classList.toggle("mf-due", state === "waiting");
  }
}
