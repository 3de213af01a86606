/* After handing in: look again until the paper is marked, and send what was still on this device as evidence. */

const stage = document.getElementById("stage");
const WAITS = [2, 3, 5, 8, 15, 30, 60]; // seconds between two looks

async function look(tries) {
  try {
    const page = await (await fetch(location.href, { cache: "no-store" })).text();
    const found = /<[^>]* id="stage"[^>]* data-stage="([^"]+)"/.exec(page); // not parsed: Trusted Types forbid it
    if (found && found[1] !== stage.dataset.stage) {
      location.reload();
      return;
    }
  } catch (error) {
    // the line is down: try again
  }
  wait(tries + 1);
}

function wait(tries) {
  setTimeout(() => look(tries), WAITS[Math.min(tries, WAITS.length - 1)] * 1000 * (0.75 + Math.random() / 2));
}

/* The paper was closed while this device was away: the server keeps late answers as evidence. */
async function leftOver() {
  const [{ Store }, { Line }, { Clock }] = await Promise.all(
    [stage.dataset.store, stage.dataset.line, stage.dataset.clock].map((address) => import(address)),
  );
  const store = await Store.open(stage.dataset.attempt);
  const changes = await store.changes();
  if (changes.length) {
    const line = new Line(stage.dataset, document.querySelector('meta[name="csrf-token"]').content, new Clock());
    if ((await line.open()).status !== 200) return;
    const answer = await line.save(changes.slice(0, 200).map((c, index) => [index + 1, c.item, c.answer]));
    if (answer.status !== 409) return;
    const note = document.getElementById("left-over");
    note.textContent = note.dataset.text.replace("%(n)s", changes.length);
    note.hidden = false;
  }
  await store.clear();
}

const print = document.getElementById("print");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
if (stage.dataset.stage === "marking") wait(0);
leftOver().catch(() => {});
