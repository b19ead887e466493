// Notes at moments of the film: written without leaving it, ticked on the timeline, erased.

import { askForm } from "./asking.js";
import { clock } from "./film_player.js";

const SVG = "http://www.w3.org/2000/svg";

export class FilmNotes {
  constructor(form, player, length) {
    this.form = form;
    this.player = player;
    this.length = length;
    this.list = document.getElementById("notes-list");
    this.wrong = document.getElementById("note-wrong");
    form.addEventListener("submit", (event) => this.keep(event));
    form.elements.text.addEventListener("focus", () => this.begin());
    this.list.addEventListener("submit", (event) => this.erase(event));
    this.list.addEventListener("click", (event) => {
      const at = event.target.closest("[data-seek]")?.dataset.seek;
      if (at !== undefined) player?.seek(Number(at) / 1000);
    });
  }

  // A note belongs to the moment at which one begins to write it.
  begin() {
    if (this.player && !this.form.elements.text.value) {
      this.form.elements.at.value = clock(this.player.video.currentTime);
    }
  }

  async keep(event) {
    event.preventDefault();
    const note = await this.ask(this.form);
    if (!note) return;
    this.show(note);
    this.form.elements.text.value = "";
  }

  async erase(event) {
    event.preventDefault();
    const note = event.target.closest("[data-note]");
    if (!(await this.ask(event.target))) return;
    for (const each of document.querySelectorAll(`[data-note="${note.dataset.note}"]`)) each.remove();
    this.form.elements.text.focus();
  }

  // What the house answers to one of the forms; null where it did not do it, and then says why.
  async ask(form) {
    const { status, data } = await askForm(form);
    const again = status === 0 || status === 429 || status >= 500;
    this.wrong.textContent = again ? this.list.dataset.offline : (data.message ?? "");
    this.wrong.hidden = status === 200;
    return status === 200 ? data : null;
  }

  show(note) {
    if (this.list.querySelector(`[data-note="${note.id}"]`)) return;
    const line = document.getElementById("note-shape").content.firstElementChild.cloneNode(true);
    const [at, words, form] = line.children;
    const moment = clock(note.at_ms / 1000);
    line.dataset.note = note.id;
    at.dataset.seek = note.at_ms;
    at.textContent = moment;
    words.textContent = note.text;
    form.action = note.erase;
    form.querySelector("button").ariaLabel = this.list.dataset.erase.replace("{at}", moment);
    const later = [...this.list.children].find(
      (each) => Number(each.querySelector("[data-seek]").dataset.seek) > note.at_ms,
    );
    this.list.insertBefore(line, later ?? null);
    this.tick(note);
  }

  tick(note) {
    const timeline = document.getElementById("timeline");
    if (!timeline || !this.length) return;
    const tick = document.createElementNS(SVG, "rect");
    const told = { class: "timeline-note", x: `${note.at_ms / this.length / 10}%`, y: 0 };
    for (const [name, value] of Object.entries({ ...told, width: 3, height: 16 })) {
      tick.setAttribute(name, value);
    }
    tick.dataset.note = note.id;
    timeline.append(tick);
  }
}
