/* The line to the server: each call answers {status, body}; status 0 means that nothing came back. */

const PATIENCE = 15000; // ms until a silent line counts as broken
const FETCHING = 60000; // … for the sealed form, which may be some megabytes
const GONE = 1600; // ms between two tries while nothing is there to answer: whoever is back is served within 3 s
const SILENT = 5000; // … while what is sent vanishes
const BUSY = 15000; // … while the server answers that it cannot

export class Line {
  /* `addresses`: base, open, rescue. The token comes with opening and again with the start. */
  constructor(addresses, csrf, clock) {
    this.addresses = addresses;
    this.csrf = csrf;
    this.clock = clock;
    this.token = "";
    this.seb = {}; // what Safe Exam Browser shows of its keys, where it is the browser
    this.checkIn = this.attempt = null;
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
      return { status: 0, body: {}, silent: stop.signal.aborted };
    } finally {
      clearTimeout(timer);
    }
  }

  async withSession(send) {
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

  /* Take the check-in or the attempt over for this page. */
  async open() {
    const answer = await this.withSession(() =>
      this.ask(this.addresses.open, { body: {}, headers: { "X-CSRFToken": this.csrf, ...this.seb } }),
    );
    if (answer.status === 200) this.take(answer.body);
    return answer;
  }

  take({ token, attempt, check_in: checkIn }) {
    this.token = token;
    this.attempt = attempt;
    if (checkIn) this.checkIn = checkIn;
  }

  signed(address, options = {}) {
    const headers = { "X-Attempt-Token": this.token, ...this.seb };
    return this.ask(`${this.addresses.base}${address}`, { ...options, headers });
  }

  /* The sealed bytes: {status, sealed}. */
  async form(address) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), FETCHING);
    try {
      const headers = { "X-Attempt-Token": this.token };
      const answer = await fetch(address, { headers, signal: stop.signal, credentials: "same-origin" });
      return { status: answer.status, sealed: answer.ok ? await answer.arrayBuffer() : null };
    } catch (error) {
      return { status: 0, sealed: null, silent: stop.signal.aborted };
    } finally {
      clearTimeout(timer);
    }
  }

  async start() {
    const answer = await this.signed(`check-ins/${this.checkIn}/start`, { body: {} });
    if (answer.status === 200) this.take(answer.body);
    return answer;
  }

  save(changes, keepalive = false) {
    return this.signed(`attempts/${this.attempt}/answers`, { body: { changes }, keepalive });
  }

  pulse(unsent) {
    return this.signed(`attempts/${this.attempt}/pulse?unsent=${unsent}`, { method: "GET" });
  }

  left(seconds, keepalive = false) {
    return this.signed(`attempts/${this.attempt}/left`, { body: { seconds }, keepalive });
  }

  handIn() {
    return this.signed(`attempts/${this.attempt}/hand-in`, { body: {} });
  }

  /* A rescue file of an attempt that is over. */
  rescue(file) {
    return this.withSession(async () => {
      const body = new FormData();
      body.append("file", file);
      const headers = { Accept: "application/json", "X-CSRFToken": this.csrf };
      try {
        const how = { method: "POST", body, headers, credentials: "same-origin" };
        const answer = await fetch(this.addresses.rescue, how);
        return { status: answer.status, body: await answer.json().catch(() => ({})) };
      } catch (error) {
        return { status: 0, body: {} };
      }
    });
  }
}

/* Half to one and a half of 1, 2, 4, … seconds up to what the last answer allows, so that a hall does not come back in
   one beat. */
export function pause(tries, { status = 503, silent = false } = {}) {
  const most = status ? BUSY : silent ? SILENT : GONE;
  return Math.min(1000 * 2 ** tries, most) * (0.5 + Math.random());
}
