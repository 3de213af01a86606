/* What this device lacks for the exam, said before it starts; the practice question; the check-in that opens by itself. */

const byId = (id) => document.getElementById(id);
const words = JSON.parse(byId("check-words").textContent);
const here = byId("check").dataset;
const say = (text, values) => text.replace(/%\((\w+)\)s/g, (whole, name) => values[name]);
const ROOM = 20 * 1024 * 1024; // bytes a sealed form and some answers need at the most
const NARROW = /MicroMessenger|DingTalk/i; // browsers inside other programs, which save no files

function verdict(name, good, text) {
  const row = document.querySelector(`[data-check="${name}"]`);
  const badge = byId(good ? "t-ok" : "t-due").content.firstElementChild.cloneNode(true);
  badge.append(text);
  const waiting = row.querySelector("[data-wait]"); // keeps the place, so that nothing moves under a finger
  if (waiting) waiting.remove();
  row.append(badge);
  row.hidden = false;
}

/* Opening a sealed paper and closing what is kept needs https, or the server's own machine. */
function secure() {
  const good = Boolean(window.isSecureContext && window.crypto && crypto.subtle);
  verdict("secure", good, good ? words.secureOk : words.secureDue);
  byId("insecure").hidden = good;
}

async function keep() {
  const { keeps } = await import(here.store);
  const good = await keeps();
  verdict("keep", good, good ? words.keepOk : words.keepDue);
}

async function room() {
  if (!navigator.storage || !navigator.storage.estimate) {
    document.querySelector('[data-check="room"]').hidden = true; // not told on plain http
    return;
  }
  const { quota, usage } = await navigator.storage.estimate();
  const good = quota - usage > ROOM;
  verdict("room", good, good ? words.roomOk : words.roomDue);
}

async function line() {
  const sent = performance.now();
  try {
    const answer = await fetch(here.ping, { cache: "no-store" });
    await answer.text();
    const n = Math.round(performance.now() - sent);
    if (!answer.ok) throw new Error(answer.status);
    verdict("line", n < 1500, say(n < 1500 ? words.lineOk : words.lineSlow, { n }));
  } catch (error) {
    verdict("line", false, words.lineDue);
  }
}

/* Seconds this device's clock is ahead of the server's when the page arrived. */
function ahead() {
  const [page] = performance.getEntriesByType("navigation");
  const arrived = (performance.timeOrigin + (page ? page.responseStart : 0)) / 1000;
  return arrived - Number(here.now);
}

function clock() {
  const off = Math.abs(ahead());
  const n = off < 120 ? say(words.seconds, { n: Math.round(off) }) : say(words.minutes, { n: Math.round(off / 60) });
  verdict("clock", off < 5, off < 5 ? words.clockOk : say(words.clockDue, { n }));
}

function files() {
  if (NARROW.test(navigator.userAgent)) verdict("files", false, words.filesDue);
}

function practice() {
  const question = byId("practice");
  if (!question) return;
  question.addEventListener("change", (event) => {
    const row = event.target.closest(".mf-opt");
    row.classList.toggle("is-on", event.target.checked);
    row.querySelector(".on").hidden = !event.target.checked;
  });
}

/* On the notice before check-in begins: a countdown by the server's clock, then the button can be pressed. */
function wait() {
  const sign = byId("opens-in");
  if (!sign) return;
  const button = byId("start").querySelector("button");
  const start = performance.now();
  const [page] = performance.getEntriesByType("navigation");
  const before = page ? (start - page.responseStart) / 1000 : 0;
  const left = () => Number(here.opens) - Number(here.now) - before - (performance.now() - start) / 1000;
  const timer = setInterval(() => {
    const seconds = Math.ceil(left());
    const text = seconds < 120 ? [words.seconds, seconds] : [words.minutes, Math.ceil(seconds / 60)];
    if (seconds > 0) sign.textContent = say(words.opensIn, { left: say(text[0], { n: text[1] }) });
    if (left() > -0.5) return;
    clearInterval(timer);
    sign.hidden = true;
    button.disabled = false;
  }, 500);
}

secure();
keep();
room().catch(() => {});
line();
clock();
files();
practice();
wait();
