/* The notice before the start: device check, practice question, and the paper that opens by itself. */

const byId = (id) => document.getElementById(id);
const words = JSON.parse(byId("check-words").textContent);
const here = byId("check").dataset;
const say = (text, values) => text.replace(/%\((\w+)\)s/g, (whole, name) => values[name]);

function verdict(name, good, text) {
  const row = document.querySelector(`[data-check="${name}"]`);
  const badge = byId(good ? "t-ok" : "t-due").content.firstElementChild.cloneNode(true);
  badge.append(text);
  row.append(badge);
  row.hidden = false;
}

async function keep() {
  const { keeps } = await import(here.store);
  const good = await keeps();
  verdict("keep", good, good ? words.keepOk : words.keepDue);
}

async function line() {
  const sent = performance.now();
  try {
    const answer = await fetch(here.ping, { cache: "no-store" });
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

function practice() {
  byId("practice").addEventListener("change", (event) => {
    const row = event.target.closest(".mf-opt");
    row.classList.toggle("is-on", event.target.checked);
    row.querySelector(".on").hidden = !event.target.checked;
  });
}

/* Counts down by the server's clock; at the time the paper opens if identity is confirmed, else the button does. */
function wait() {
  const sign = byId("opens-in");
  if (!sign) return;
  const form = byId("start");
  const button = form.querySelector("button");
  const start = performance.now();
  const [page] = performance.getEntriesByType("navigation");
  const before = page ? (start - page.responseStart) / 1000 : 0;
  const left = () => Number(here.opens) - Number(here.now) - before - (performance.now() - start) / 1000;
  const spread = Math.random() * 3; // a hall must not start in one beat
  const timer = setInterval(() => {
    const seconds = Math.ceil(left());
    const text = seconds < 120 ? [words.seconds, seconds] : [words.minutes, Math.ceil(seconds / 60)];
    if (seconds > 0) sign.textContent = say(words.opensIn, { left: say(text[0], { n: text[1] }) });
    if (left() > -spread - 0.5) return;
    clearInterval(timer);
    sign.hidden = true;
    button.disabled = false;
    if (form.elements.identity.checked) form.submit();
  }, 500);
}

keep();
line();
clock();
practice();
wait();
