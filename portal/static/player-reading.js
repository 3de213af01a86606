/* Text size and contrast, kept with the desk of this attempt. */

export function reading(desk, keep) {
  const html = document.documentElement;
  const sizes = document.querySelectorAll("button[data-text]");
  const contrast = document.getElementById("contrast");
  const put = () => {
    if (desk.text) html.dataset.text = desk.text;
    if (desk.contrast) html.dataset.contrast = desk.contrast;
    for (const button of sizes) {
      button.setAttribute("aria-pressed", String(button.dataset.text === (html.dataset.text || "normal")));
    }
    contrast.setAttribute("aria-pressed", String(html.dataset.contrast === "more"));
  };
  for (const button of sizes) {
    button.addEventListener("click", () => {
      desk.text = button.dataset.text;
      put();
      keep();
    });
  }
  contrast.addEventListener("click", () => {
    desk.contrast = html.dataset.contrast === "more" ? "normal" : "more";
    put();
    keep();
  });
  put();
}
