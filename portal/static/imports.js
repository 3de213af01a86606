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
