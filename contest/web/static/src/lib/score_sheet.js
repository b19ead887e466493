// The score sheet: saved at each touch, kept on this device while there is no connection.

import { ask } from "./asking.js";

const AFTER_TYPING = 800;
const TRY_AGAIN = 5000;

export class ScoreSheet {
  constructor(form, screening) {
    this.form = form;
    this.status = document.getElementById("saved");
    this.key = `sheet-${screening}`;
    this.sending = null;
    document.getElementById("save-by-hand").hidden = true;
    this.restore();
    this.explain();
    form.addEventListener("change", () => this.save());
    form.elements.remark.addEventListener("input", () => this.save(AFTER_TYPING));
    window.addEventListener("online", () => this.send());
  }

  get criteria() {
    return [...this.form.querySelectorAll("fieldset[data-criterion]")];
  }

  // The mark given on a criterion, as a number, or null.
  given(criterion) {
    const chosen = criterion.querySelector("input:checked");
    return chosen ? Number(chosen.value) : null;
  }

  mark(criterion, value) {
    const button = criterion.querySelector(`input[value="${value}"]`);
    if (!button) return;
    button.checked = true;
    button.focus();
    button.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // To the first criterion without a mark, or to the signature when there is none.
  focusNext() {
    const open = this.criteria.find((each) => this.given(each) === null);
    (open ? open.querySelector("input") : this.form.querySelector(".button")).focus();
  }

  sheet() {
    const marks = {};
    for (const each of this.criteria) {
      const mark = this.given(each);
      if (mark !== null) marks[each.dataset.criterion] = mark;
    }
    return { marks, remark: this.form.elements.remark.value };
  }

  save(delay = 0) {
    this.explain();
    this.refused = false;
    const signed = document.getElementById("signed");
    if (signed && delay === 0) signed.textContent = signed.dataset.changed;
    localStorage.setItem(this.key, JSON.stringify(this.sheet()));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), delay);
  }

  // One request at a time, always with the newest sheet, until the house has it.
  async send() {
    const kept = localStorage.getItem(this.key);
    if (kept === null || this.sending) return;
    this.status.textContent = this.form.dataset.saving;
    this.sending = ask(this.form.dataset.saveTo, JSON.parse(kept), { keepalive: true });
    try {
      const answer = await this.sending;
      this.status.textContent = answer.saved;
      this.waits = false;
      if (localStorage.getItem(this.key) === kept) localStorage.removeItem(this.key);
    } catch (trouble) {
      this.failed(trouble);
    } finally {
      this.sending = null;
    }
    if (localStorage.getItem(this.key) !== null && navigator.onLine && !this.refused) {
      this.timer = setTimeout(() => this.send(), this.waits ? TRY_AGAIN : 0);
    }
  }

  failed(trouble) {
    const offline = trouble instanceof TypeError;
    this.status.textContent = offline ? this.form.dataset.offline : trouble.message;
    this.waits = true;
    this.refused = !offline;
  }

  // What was kept on this device goes on the sheet again, and to the house.
  restore() {
    const kept = localStorage.getItem(this.key);
    if (kept === null) return;
    const { marks, remark } = JSON.parse(kept);
    for (const each of this.criteria) {
      const button = each.querySelector(`input[value="${marks[each.dataset.criterion]}"]`);
      if (button) button.checked = true;
    }
    this.form.elements.remark.value = remark;
    this.send();
  }

  // Beneath each row stands what its mark means: the described mark at or next below it.
  explain() {
    for (const each of this.criteria) {
      const words = each.querySelector(".mark-words");
      words.dataset.question ??= words.textContent;
      const mark = this.given(each);
      const meant = [...each.querySelectorAll("[data-mark]")]
        .filter((line) => mark !== null && Number(line.dataset.mark) <= mark)
        .at(-1);
      words.textContent = meant ? meant.textContent : words.dataset.question;
    }
  }
}
