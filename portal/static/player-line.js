/* The line to the server: each call answers {status, body}; status 0 means that nothing came back. */

const PATIENCE = 15000; // ms until a silent line counts as broken

export class Line {
  constructor(addresses, csrf, clock) {
    this.addresses = addresses;
    this.csrf = csrf;
    this.clock = clock;
    this.token = "";
  }

  async ask(address, { method = "POST", body, headers = {}, keepalive = false } = {}) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE);
    const sent = performance.now();
    try {
      const answer = await fetch(address, {
        method,
        keepalive,
        headers: { Accept: "application/json", "Content-Type": "application/json", ...headers },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: stop.signal,
        credentials: "same-origin",
      });
      const got = performance.now();
      const read = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
      const server = read.now || (answer.ok && read.saved ? read.at : 0);
      if (server) this.clock.learn(server, sent, got);
      return { status: answer.status, body: read };
    } catch (error) {
      return { status: 0, body: {} };
    } finally {
      clearTimeout(timer);
    }
  }

  async withSession(address, body, keepalive) {
    const send = () => this.ask(address, { body, keepalive, headers: { "X-CSRFToken": this.csrf } });
    const answer = await send();
    if (answer.body.error !== "stale_page") return answer;
    await this.renew();
    return send();
  }

  /* Signed in anew in another tab: this page's form token went with the old session. */
  async renew() {
    try {
      const page = await (await fetch(location.pathname, { cache: "no-store" })).text();
      const found = /<meta name="csrf-token" content="([^"]+)"/.exec(page); // not parsed: Trusted Types forbid it
      if (found) this.csrf = found[1];
    } catch (error) {
      // the line is down: whoever asked tries again
    }
  }

  /* Take the attempt over for this page. */
  async open() {
    const answer = await this.withSession(this.addresses.open, {});
    if (answer.status === 200) this.token = answer.body.token;
    return answer;
  }

  save(changes, keepalive = false) {
    const headers = { "X-Attempt-Token": this.token };
    return this.ask(this.addresses.answers, { body: { changes }, headers, keepalive });
  }

  pulse() {
    return this.ask(this.addresses.pulse, { method: "GET", headers: { "X-Attempt-Token": this.token } });
  }

  left(seconds, keepalive = false) {
    return this.withSession(this.addresses.left, { seconds }, keepalive);
  }

  handIn() {
    return this.withSession(this.addresses.handIn, {});
  }
}

/* Half to one and a half of 1, 2, 4, 8, 15 seconds, so that a hall does not come back in one beat. */
export function pause(tries) {
  return Math.min(1000 * 2 ** tries, 15000) * (0.5 + Math.random());
}
