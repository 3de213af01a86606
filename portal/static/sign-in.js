/* Signing in: when very many come at once, wait for one's turn and send again by itself; forget on shared devices. */
import { forgetDevice } from "./shared-device.js";

const LONGEST = 120; // seconds one waits by oneself for one's turn
const SOON = 20; // and after others' wrong passwords
const page = document.querySelector("[data-sign-in]");
const form = document.getElementById("sign-in");
const button = form.querySelector(".ac-go");

async function send(typed) {
  let answer;
  let told;
  try {
    answer = await fetch(location.href, { method: "POST", body: typed, headers: { "X-Sign-In": "script" } });
    told = await answer.json();
  } catch (error) {
    return later(typed, 5);
  }
  const wait = Number(answer.headers.get("Retry-After"));
  if (wait && wait <= (answer.status === 503 ? LONGEST : SOON)) return later(typed, wait);
  if (told.next) return location.assign(told.next);
  if (told.errors) return show(told.errors);
  return location.reload();
}

/* Everybody waits a moment of his own, so that they do not all come back at once. */
function later(typed, seconds) {
  const note = form.querySelector("[data-turn]");
  const end = Date.now() + (seconds + Math.random()) * 1000;
  note.hidden = false;
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    note.querySelector("p").textContent = form.dataset.sentence.replace("{s}", left);
    if (left > 0) setTimeout(tick, 250);
    else send(typed);
  };
  tick();
}

/* The server's sentences, above the form and at the fields, as the page without script has them. */
function show(errors) {
  button.disabled = false;
  form.querySelector("[data-turn]").hidden = true;
  document.querySelectorAll(".mf-errsum, #sign-in .mf-err").forEach((old) => old.remove());
  const summary = document.getElementById("sign-in-summary").content.firstElementChild.cloneNode(true);
  const line = document.getElementById("sign-in-error").content.firstElementChild;
  for (const [name, sentences] of Object.entries(errors)) {
    const input = form.elements[name];
    const field = input.closest(".mf-field");
    const item = summary.querySelector("ul").appendChild(document.createElement("li"));
    const link = item.appendChild(document.createElement("a"));
    link.href = `#${input.id}`;
    link.textContent = sentences[0];
    const shown = line.cloneNode(true);
    shown.id = `${input.id}-errors`;
    shown.querySelector("span").textContent = sentences[0];
    field.classList.add("mf-field--err");
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", shown.id);
    field.insertBefore(shown, input);
  }
  form.before(summary);
  summary.focus();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  button.disabled = true;
  for (const field of form.querySelectorAll(".mf-field--err")) field.classList.remove("mf-field--err");
  send(new URLSearchParams(new FormData(form))); // what was typed stays in this page's memory until its turn comes
});
window.addEventListener("pageshow", () => {
  button.disabled = false;
});
if (page.dataset.forget !== undefined) forgetDevice();
