/* Leaving the page: its length is recorded and shown in plain words; a person decides what it means. */

const COUNTS = 3; // seconds away before it is recorded

export class Away {
  /* `post(seconds, keepalive)` answers {status}; `waiting` are lengths that could not be sent yet. */
  constructor(post, tell) {
    Object.assign(this, { post, tell });
    this.since = null;
    this.waiting = [];
    this.times = 0;
    this.seconds = 0;
    this.active = false;
    const look = () => (document.hidden || !document.hasFocus() ? this.go() : this.come());
    document.addEventListener("visibilitychange", look);
    window.addEventListener("blur", look);
    window.addEventListener("focus", look);
    window.addEventListener("pagehide", () => this.leave());
  }

  begin(times, seconds) {
    Object.assign(this, { times, seconds, active: true, since: null });
    this.tell(times, seconds);
  }

  /* The clock stands, or the paper is locked: nobody need stay. */
  rest() {
    this.active = false;
  }

  wake() {
    this.active = true;
    this.since = document.hidden || !document.hasFocus() ? performance.now() : null;
  }

  go() {
    if (this.since === null) this.since = performance.now();
  }

  /* Seconds away, if long enough to count; the stretch is closed. */
  length() {
    const seconds = this.since === null ? 0 : Math.round((performance.now() - this.since) / 1000);
    this.since = null;
    return this.active && seconds > COUNTS ? seconds : 0;
  }

  come() {
    const seconds = this.length();
    if (!seconds) return;
    this.times += 1;
    this.seconds += seconds;
    this.waiting.push(seconds);
    this.tell(this.times, this.seconds);
    this.send();
  }

  async send() {
    while (this.waiting.length) {
      const answer = await this.post(this.waiting[0], false);
      if (answer.status !== 204 && answer.status !== 400) return;
      this.waiting.shift();
    }
  }

  leave() {
    const seconds = this.length();
    if (seconds) this.post(seconds, true);
  }
}
