// The part of a page that sends a film: the file field, the bar, the words and the buttons around a
// `Sending`. A film begun on another day or device goes on when the same file is chosen again.

import { converse } from "./lib/asking.js";
import { Sending, settled, Stopped } from "./lib/sending.js";
import { Shelf } from "./lib/shelf.js";

const SPOKEN_EVERY_PERCENT = 10;
const SHOWN_EVERY_MS = 200;

class Desk {
  constructor(root) {
    this.root = root;
    this.say = JSON.parse(root.dataset.say);
    this.begun = root.dataset.begun ?? null;
    this.shelf = new Shelf("palmares:upload"); // which file each upload was begun with
    this.sending = null;
    this.file = null;
    for (const name of ["words", "bar", "name", "progress", "numbers", "file"]) {
      this[`${name}Place`] = root.querySelector(`[data-upload-${name}]`);
    }
    this.wordsPlace.tabIndex = -1; // stands in for a button while there is none
    this.filePlace.addEventListener("change", () => this.choose(this.filePlace.files[0]));
    root.addEventListener("click", (event) => {
      const act = event.target.closest("[data-upload-act]")?.dataset.uploadAct;
      if (act) this[act]();
    });
    this.acceptDrops();
    if ("reading" in root.dataset) this.watch();
  }

  acceptDrops() {
    const over = (is) => this.root.toggleAttribute("data-over", is);
    this.root.addEventListener("dragover", (event) => {
      event.preventDefault();
      over(true);
    });
    this.root.addEventListener("dragleave", () => over(false));
    this.root.addEventListener("drop", (event) => {
      event.preventDefault();
      over(false);
      if (!this.sending) this.choose(event.dataTransfer.files[0]);
    });
  }

  async choose(file) {
    if (!file) return;
    this.file = file;
    this.filePlace.value = ""; // so that the same file can be chosen again
    if (!globalThis.crypto?.subtle) return this.tell("insecure", "wrong");
    try {
      const upload = this.begun ? await this.resumable(file) : await this.begin(file);
      if (upload) this.send(file, upload);
    } catch (problem) {
      this.stopped(problem);
    }
  }

  // What the server has of the film that was begun; null when another file was chosen.
  async resumable(file) {
    const { status, data } = await converse("GET", this.begun);
    if (status === 404 || data.state === "abandoned") return this.begin(file);
    if (status !== 200) throw new Stopped(data.message, status);
    if (data.state === "complete" || data.being_read) return location.reload(); // another window's
    if (data.size !== file.size) return this.offerReplacement("other");
    if (this.shelf.get(this.begun) !== markOf(file)) {
      this.tell("comparing");
      if (!(await new Sending(file, data).matches())) return this.offerReplacement("changed");
    }
    return data;
  }

  offerReplacement(why) {
    this.tell(why, "wrong");
    this.offer("replace", "abandon");
    return null;
  }

  async begin(file) {
    const told = { name: file.name, size: file.size };
    const { status, data } = await converse("POST", this.root.dataset.begin, told);
    if (status !== 201) throw new Stopped(data.message, status);
    this.begun = data.url;
    return data;
  }

  send(file, upload) {
    this.shelf.put(upload.url, markOf(file));
    this.isAnnounced(Boolean(upload.sha256));
    if (!upload.sha256) this.announce(file, upload.url);
    const sending = (this.sending = new Sending(file, upload));
    this.namePlace.textContent = file.name;
    this.progressPlace.max = file.size;
    this.barPlace.hidden = false;
    this.spoken = 0;
    sending.addEventListener("progress", () => this.draw());
    sending.addEventListener("waiting", () => this.tell("waiting"));
    sending.addEventListener("moving", () => this.tell("sending"));
    sending.addEventListener("reading", () => this.reading());
    sending.addEventListener("done", (event) => this.done(event.detail));
    sending.addEventListener("stopped", (event) => this.stopped(event.detail));
    this.resume();
  }

  // What the whole film is, told as soon as it is known: a film that was announced before the
  // deadline may arrive after it.
  announce(file, url) {
    const hasher = new Worker(this.root.dataset.hasher, { type: "module" });
    hasher.onmessage = async ({ data: sha256 }) => {
      hasher.terminate();
      for (let failed = 0; this.begun === url; failed++) {
        const { status, data } = await converse("PUT", `${url}/sha256`, { sha256 });
        if (status === 200) return this.isAnnounced(true);
        if (status && status < 500) return this.sending?.stop(new Stopped(data.message, status));
        await new Promise((resolve) => setTimeout(resolve, Math.min(1000 * 2 ** failed, 30_000)));
      }
    };
    hasher.postMessage(file);
  }

  isAnnounced(is) {
    const place = this.root.querySelector("[data-upload-late]");
    if (place) place.hidden = !is;
  }

  reading() {
    this.tell("checking");
    this.offer();
  }

  // A film that was all here when the page was opened.
  async watch() {
    this.reading();
    try {
      const { film } = await settled(this.begun);
      if (film) this.done(film);
      else location.reload();
    } catch (problem) {
      this.stopped(problem);
    }
  }

  resume() {
    this.tell("sending");
    this.offer("pause", "abandon");
    this.sending.start();
    this.draw();
    this.focus("pause");
  }

  async pause() {
    await this.sending.pause();
    if (this.sending.over) return;
    this.tell("paused");
    this.offer("resume", "abandon");
    this.draw();
    this.focus("resume");
  }

  async replace() {
    try {
      this.send(this.file, await this.begin(this.file)); // the server gives the other one up
    } catch (problem) {
      this.stopped(problem);
    }
  }

  async abandon() {
    await this.sending?.pause();
    await converse("DELETE", this.begun);
    this.shelf.drop(this.begun);
    this.rest("given_up");
    this.begun = null;
    this.barPlace.hidden = true;
    this.filePlace.focus();
  }

  done(answer) {
    this.shelf.drop(this.begun);
    this.rest("done");
    this.begun = null;
    this.barPlace.hidden = true;
    this.root.dispatchEvent(
      new CustomEvent("palmares:film-received", { bubbles: true, detail: answer }),
    );
  }

  stopped(problem) {
    const { status, message } = problem;
    const kind = { unreadable: "unreadable", 400: "signed_out", 401: "signed_out" }[status];
    this.rest(kind ?? "fault", "wrong");
    if (!kind && message && problem instanceof Stopped) this.wordsPlace.textContent = message;
    this.offer("choose", ...(this.begun ? ["abandon"] : []));
  }

  rest(words, kind) {
    this.sending = null;
    this.isAnnounced(false);
    this.tell(words, kind);
    this.offer("choose");
  }

  // Show these buttons alone; the file field stays wherever a file could be chosen. Who stood on a
  // button that goes away stands on what is offered instead, not at the top of the page.
  offer(...acts) {
    const stood = document.activeElement;
    for (const button of this.root.querySelectorAll("[data-upload-act]")) {
      button.hidden = !acts.includes(button.dataset.uploadAct);
    }
    const chooses = acts.includes("choose") || acts.includes("replace");
    this.filePlace.hidden = this.filePlace.nextElementSibling.hidden = !chooses;
    if (this.root.contains(stood) && (stood.hidden || stood === this.wordsPlace)) {
      const offered = "[data-upload-file]:not([hidden]), button:not([hidden])";
      (this.root.querySelector(offered) ?? this.wordsPlace).focus();
    }
  }

  focus(act) {
    this.root.querySelector(`[data-upload-act="${act}"]`).focus();
  }

  tell(words, kind = "plain") {
    this.wordsPlace.textContent = this.say[words];
    this.wordsPlace.dataset.kind = kind;
  }

  // Often enough to be seen moving; what comes in between is drawn a moment later.
  draw() {
    this.drawn ??= setTimeout(() => {
      this.drawn = null;
      if (this.sending) this.drawNow();
    }, SHOWN_EVERY_MS);
  }

  drawNow() {
    const { sent, rate, waiting, file } = this.sending;
    this.progressPlace.value = sent;
    const numbers = [fill(this.say.sent, { sent: bytes(sent), size: bytes(file.size) })];
    if (rate && !waiting && sent < file.size) {
      numbers.push(fill(this.say.rate, { rate: bytes(rate) }));
      numbers.push(fill(this.say.left, { time: time((file.size - sent) / rate) }));
    }
    this.numbersPlace.textContent = numbers.join(" · ");
    if (!waiting) this.speak(sent, file.size);
  }

  // A screen reader hears of every tenth part, not of every byte.
  speak(sent, size) {
    if (this.sending.there.size === this.sending.parts) return; // other words are due
    const percent = Math.floor((100 * sent) / size);
    if (percent >= this.spoken + SPOKEN_EVERY_PERCENT) {
      this.spoken = percent - (percent % SPOKEN_EVERY_PERCENT);
      const told = fill(this.say.percent, { percent: this.spoken });
      this.wordsPlace.textContent = `${told}. ${this.say.sending}`;
    }
  }
}

// A file of the same name, size and date is the same; of any other the parts are compared.
const markOf = (file) => `${file.size} ${file.lastModified} ${file.name}`;
const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const language = document.documentElement.lang || "en";

function unit(amount, name, digits) {
  const style = { style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: digits };
  return new Intl.NumberFormat(language, style).format(amount);
}

// In the units that limits are set in, which browsers have no names for.
function bytes(count) {
  const [size, name] = [[2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"]].find(
    ([each]) => count >= each,
  ) ?? [1, "B"];
  const digits = { maximumFractionDigits: count < 10 * size || size === 2 ** 30 ? 1 : 0 };
  return `${new Intl.NumberFormat(language, digits).format(count / size)}\u00a0${name}`;
}

function time(seconds) {
  if (seconds < 60) return unit(Math.max(1, Math.round(seconds)), "second", 0);
  if (seconds < 3600) return unit(Math.round(seconds / 60), "minute", 0);
  return unit(seconds / 3600, "hour", 1);
}

document.querySelectorAll("[data-upload]").forEach((root) => new Desk(root));
