/* The live board: asks every few seconds what has changed, rests while nobody looks, says when it is stale. */
const board = document.querySelector("[data-board]");

class Board {
  constructor(node) {
    this.node = node;
    this.every = Number(node.dataset.every);
    this.stale = node.querySelector("[data-stale]");
    this.staleText = this.stale.querySelector("span").textContent;
    this.at = node.querySelector("[data-at]").textContent;
    this.cells = new Map([...node.querySelectorAll("[data-entry]")].map((cell) => [cell.dataset.entry, cell]));
    this.heard = performance.now();
    this.timer = 0;
    document.addEventListener("visibilitychange", () => this.look());
    node.addEventListener("keydown", (event) => this.move(event));
    this.plan();
  }

  plan() {
    clearTimeout(this.timer);
    if (!document.hidden) this.timer = setTimeout(() => this.ask(), this.every * (0.8 + Math.random() * 0.4));
  }

  look() {
    if (document.hidden) clearTimeout(this.timer);
    else this.ask();
  }

  async ask() {
    clearTimeout(this.timer);
    const stop = new AbortController();
    const late = setTimeout(() => stop.abort(), 3 * this.every);
    try {
      const answer = await fetch(this.node.dataset.board, {
        headers: { Accept: "application/json" },
        signal: stop.signal,
        credentials: "same-origin",
      });
      if (answer.status === 401 || answer.redirected) location.reload();
      else if (answer.ok) this.show(await answer.json());
    } catch (_gone) {
      // no line: what stands there says how old it is
    } finally {
      clearTimeout(late);
    }
    this.age();
    this.plan();
  }

  age() {
    const old = performance.now() - this.heard > 4 * this.every;
    this.stale.querySelector("span").textContent = this.staleText.replace("{time}", this.at);
    this.stale.hidden = !old;
  }

  show(told) {
    this.heard = performance.now();
    this.at = told.at;
    this.node.querySelector("[data-at]").textContent = told.at;
    this.node.querySelector("[data-waiting]").textContent = told.waiting;
    for (const [state, count] of Object.entries(told.counts)) {
      this.node.querySelector(`[data-count="${state}"]`).textContent = count;
    }
    let known = 0;
    for (const [entry, ...said] of told.cells) {
      const cell = this.cells.get(String(entry));
      if (cell) {
        known += 1;
        this.fill(cell, said);
      }
    }
    this.node.querySelector("[data-changed]").hidden = known === told.cells.length && known === this.cells.size;
  }

  fill(cell, [state, answered, left, heard, notes]) {
    if (cell.dataset.state !== state) {
      cell.dataset.state = state;
      const badge = this.node.querySelector(`template[data-badge-of="${state}"]`).content.cloneNode(true);
      cell.querySelector("[data-badge]").replaceChildren(badge);
    }
    const texts = { answered, left, heard, notes };
    for (const [name, text] of Object.entries(texts)) {
      const place = cell.querySelector(`[data-${name}]`);
      if (place.textContent !== text) place.textContent = text;
    }
  }

  /* Arrow keys: to the seat beside, above or below. */
  move(event) {
    const here = event.target.closest("[data-entry]");
    const cells = [...this.cells.values()];
    const index = cells.indexOf(here);
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key] || this.row(event.key, cells, index);
    const next = step && index >= 0 && cells[index + step];
    if (!next || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    next.querySelector("a").focus();
  }

  row(key, cells, index) {
    if (key !== "ArrowUp" && key !== "ArrowDown") return 0;
    const way = key === "ArrowDown" ? 1 : -1;
    const { offsetLeft, offsetTop } = cells[index] || {};
    for (let at = index + way; at >= 0 && at < cells.length; at += way) {
      if (cells[at].offsetLeft === offsetLeft && cells[at].offsetTop !== offsetTop) return at - index;
    }
    return 0;
  }
}

if (board) new Board(board);
