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

async function lineNow() {
  const [{ Line }, { Clock }] = await Promise.all([import(stage.dataset.line), import(stage.dataset.clock)]);
  return new Line(stage.dataset, document.querySelector('meta[name="csrf-token"]').content, new Clock());
}

/* The paper was closed while this device was away: the server keeps late answers as evidence. */
async function leftOver() {
  const { Store } = await import(stage.dataset.store);
  const store = await Store.open(stage.dataset.attempt);
  if (await store.holds()) {
    const line = await lineNow();
    const opened = await line.open();
    if (opened.status !== 200) return;
    const [{ Secret }, { bytes }] = await Promise.all([import(stage.dataset.secret), import(stage.dataset.paper)]);
    store.unlock(await Secret.from(bytes(opened.body.device_key)));
    const changes = await store.changes();
    const rows = changes.slice(0, 200).map((change, index) => [index + 1, change.item, change.answer]);
    if (rows.length && (await line.save(rows)).status !== 409) return;
    const note = document.getElementById("left-over");
    note.textContent = note.dataset.text.replace("%(n)s", rows.length);
    note.hidden = !rows.length;
  }
  await store.clear();
}

/* A rescue file after the end. */
async function handOver() {
  const [file] = document.getElementById("rescue-file").files;
  const state = document.getElementById("rescue-state");
  state.textContent = file ? "…" : state.dataset.none;
  if (!file) return;
  const { status, body } = await (await lineNow()).rescue(file);
  if (status === 200) state.textContent = state.dataset.kept.replace("%(n)s", body.kept);
  else state.textContent = body.message || state.dataset.line;
}

document.getElementById("rescue-send").addEventListener("click", handOver);
const print = document.getElementById("print");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
if (stage.dataset.stage === "marking") wait(0);
leftOver().catch(() => {});
