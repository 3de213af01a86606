/* The end: review, two steps, handing in, the receipt. One ending for the candidate's own and for time over. */

const byId = (id) => document.getElementById(id);

export class Ending {
  /* `deeds`: flush() → everything sent, handIn() → {status, body}, numbers() → {blank, flag, kept, done},
     jump(n), back(), finished(receipt), failed(status), pause(tries, answer). */
  constructor(words, say, hour, deeds) {
    Object.assign(this, { words, say, hour, deeds });
    this.tries = 0;
    this.wanted = false;
    byId("review-back").addEventListener("click", () => {
      this.cancel();
      deeds.back();
    });
    byId("review-on").addEventListener("click", () => this.step(2));
    byId("review-hand-in").addEventListener("click", () => this.want());
  }

  review() {
    const { blank, flag, kept, done } = this.deeds.numbers();
    byId("review-done").textContent = done;
    byId("review-blank").textContent = blank.length;
    byId("review-flag").textContent = flag.length;
    this.list("blank-list", blank);
    this.list("flag-list", flag);
    this.list("kept-list", kept);
    byId("review-clean").hidden = blank.length + flag.length > 0;
    byId("review-question").textContent = this.question(blank.length, flag.length);
    this.step(1);
  }

  question(blank, flag) {
    const { ask, askBlank, askFlag, askClean } = this.words;
    const text = blank && flag ? ask : blank ? askBlank : flag ? askFlag : askClean;
    return this.say(text, { blank, flag });
  }

  list(id, numbers) {
    byId(id).hidden = !numbers.length;
    byId(id).querySelector("ol").replaceChildren(
      ...numbers.map((n) => {
        const row = byId("t-number").content.firstElementChild.cloneNode(true);
        const link = row.firstElementChild;
        link.href = `#q${n}`;
        link.textContent = n;
        link.setAttribute("aria-label", this.say(this.words.number, { n }));
        link.addEventListener("click", (event) => {
          event.preventDefault();
          this.cancel();
          this.deeds.jump(n);
        });
        return row;
      }),
    );
  }

  step(number) {
    ["step-check", "step-confirm"].forEach((id, index) => {
      if (index + 1 === number) byId(id).setAttribute("aria-current", "step");
      else byId(id).removeAttribute("aria-current");
    });
    byId("review-lists").hidden = number === 2;
    byId("review-ask").hidden = number === 1;
    byId("review-on").hidden = number === 2;
    byId("review-hand-in").hidden = number === 1;
    byId("review-hand-in").disabled = false;
    byId("review-state").textContent = "";
    byId("review-heading").focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }

  cancel() {
    this.wanted = false;
    clearTimeout(this.timer);
  }

  /* Hand in, and go on trying until it is done or taken back. */
  async want() {
    if (this.wanted) return;
    this.wanted = true;
    this.tries = 0;
    byId("review-hand-in").disabled = true;
    byId("review-state").textContent = this.words.handingIn;
    await this.go();
  }

  async go() {
    clearTimeout(this.timer);
    if (!this.wanted || this.trying) return;
    this.trying = true;
    const sent = await this.deeds.flush();
    const answer = sent && this.wanted ? await this.deeds.handIn() : { status: 0, body: {} };
    this.trying = false;
    if (answer.status === 200) {
      this.cancel();
      this.deeds.finished(answer.body);
    } else if (this.wanted) {
      const refused = answer.status >= 400 && answer.status < 500 && answer.body.message;
      byId("review-state").textContent = refused || this.words.handInLater;
      this.deeds.failed(answer.status);
      this.timer = setTimeout(() => this.go(), this.deeds.pause(this.tries++, sent ? answer : {}));
    }
  }

  receipt({ cause, receipt, at, next }) {
    byId("receipt-cause").textContent = this.words.causes[cause] || this.words.causes.candidate;
    byId("receipt-code").textContent = receipt.slice(0, 12).replace(/(.{4})(?=.)/g, "$1 ");
    const day = new Date((at + 8 * 3600) * 1000).toISOString().slice(0, 10);
    byId("receipt-time").textContent = `${day} ${this.hour(at)}`;
    byId("receipt-next").href = next;
    byId("receipt-heading").focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }
}
