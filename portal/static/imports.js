// How far an import is: asked once a second; when the step is over, the page shows what came of it.
const work = document.querySelector("[data-progress]");

async function ask() {
  try {
    const answer = await fetch(work.dataset.progress, { headers: { Accept: "application/json" } });
    if (!answer.ok) { location.reload(); return; }
    const now = await answer.json();
    if (now.state !== work.dataset.state) { location.reload(); return; }
    work.querySelector("[data-share]").setAttribute("width", now.share);
    work.querySelector("[data-done]").textContent = now.text;
  } catch (_gone) {
    // no line at this moment: the work goes on without us
  }
  setTimeout(ask, 1000);
}

if (work) setTimeout(ask, 700);

// What is found out after the preview fills in once it is there, unless somebody has read on meanwhile.
const later = document.querySelector("[data-later]");

async function look() {
  try {
    const answer = await fetch(later.dataset.later, { headers: { Accept: "application/json" } });
    if (answer.ok && !(await answer.json()).later) { location.reload(); return; }
  } catch (_gone) {
    // no line at this moment
  }
  setTimeout(look, 2000);
}

if (later) setTimeout(look, 1500);
