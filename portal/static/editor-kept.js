// Typed text that the server has not acknowledged yet, on this device; never on a shared one.
const name = (form) => `mingfa-draft-${form.dataset.draft}`;
const allowed = (form) => form.dataset.shared === undefined;

export function keep(form, text) {
  if (!allowed(form)) return;
  try {
    localStorage.setItem(name(form), JSON.stringify({ text, at: Date.now() }));
  } catch (error) {
    /* full or forbidden: the next save goes to the server all the same */
  }
}

export function kept(form) {
  try {
    return JSON.parse(localStorage.getItem(name(form)));
  } catch (error) {
    return null;
  }
}

export function forget(form) {
  try {
    localStorage.removeItem(name(form));
  } catch (error) {
    /* nothing was kept */
  }
}
