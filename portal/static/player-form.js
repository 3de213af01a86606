/* The sealed form: fetched before the hour, kept in memory and on the device, opened with the key the start gives. */

export class Form {
  /* `unseal` opens bytes with a key; `pause` is the wait before a retry; `tell` hears fetching, waiting, here. */
  constructor(store, line, unseal, pause, tell) {
    Object.assign(this, { store, line, unseal, pause, tell });
    this.round = 0;
  }

  /* Resolves to the sealed bytes, or to null when this page asked anew meanwhile or the server has no such form. */
  async fetch(form) {
    const round = (this.round += 1);
    for (let tries = 0; round === this.round; tries++) {
      const known = await this.store.form(form.sha256);
      if (known) {
        this.tell("here");
        return known;
      }
      this.tell("fetching");
      const answer = await this.line.form(form.address);
      const { status, sealed } = answer;
      if (sealed) await this.store.keepForm(form.sha256, sealed);
      else if (status >= 400 && status < 500) return null;
      else {
        this.tell("waiting");
        await new Promise((resolve) => setTimeout(resolve, this.pause(tries, answer)));
      }
    }
    return null;
  }

  /* {paper, shown, pictures}. A kept form that does not open is fetched once more. */
  async open(form, key) {
    const sealed = await this.fetch(form);
    if (!sealed) return null;
    try {
      return await this.unseal(sealed, key, form.id);
    } catch (error) {
      await this.store.keepForm("", null);
      const again = await this.fetch(form);
      return again && this.unseal(again, key, form.id);
    }
  }
}
