// The score sheet: saved at each touch, kept on this device while there is no connection.

import { converse } from "./asking.js";
import { Shelf } from "./shelf.js";

const AFTER_TYPING = 800;
const TRY_AGAIN = 5000;

export class ScoreSheet {
  constructor(form, screening) {
    this.form = form;
    this.status = document.getElementById("saved");
    this.shelf = new Shelf("palmares:sheet");
    this.screening = screening;
    this.unsent = null; // the newest sheet that the house has not taken, also where no device keeps
    this.sending = false;
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
    this.unsent = this.sheet();
    this.shelf.put(this.screening, this.unsent);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), delay);
  }

  // One request at a time, always with the newest sheet, until the house has it.
  async send() {
    clearTimeout(this.timer);
    if (this.unsent === null || this.sending) return;
    const sent = this.unsent;
    this.status.textContent = this.form.dataset.saving;
    this.sending = true;
    const answer = await converse("POST", this.form.dataset.saveTo, sent, { keepalive: true });
    this.sending = false;
    this.heard(answer, sent);
    if (this.unsent !== null && !this.refused) {
      this.timer = setTimeout(() => this.send(), answer.status === 200 ? 0 : TRY_AGAIN);
    }
  }

  heard({ status, data }, sent) {
    const again = status === 0 || status === 429 || status >= 500;
    this.refused = status !== 200 && !again;
    if (status === 200 && this.unsent === sent) {
      this.unsent = null;
      this.shelf.drop(this.screening);
    }
    if (status === 200) this.status.textContent = data.saved;
    else this.status.textContent = again ? this.form.dataset.offline : data.message;
  }

  // What was kept on this device goes on the sheet again, and to the house.
  restore() {
    this.unsent = this.shelf.get(this.screening);
    if (this.unsent === null) return;
    const { marks, remark } = this.unsent;
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
