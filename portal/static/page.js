// Small things every page may use: print buttons, focus on the error summary.
document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));
const errors = document.querySelector("[data-focus]");
if (errors) errors.focus();
window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
