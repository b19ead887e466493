// The player around the browser's own: which seconds were seen, where the film stands, its keys.

import { ask } from "./asking.js";
import { Shelf } from "./shelf.js";

const EVERY = 10_000;

export const clock = (seconds) =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

export class FilmPlayer {
  constructor(video, room) {
    this.video = video;
    this.address = room.dataset.watchedTo;
    this.length = Number(room.dataset.length) || 0;
    this.frame = 1 / Number(room.dataset.fps);
    this.shelf = new Shelf(`palmares:screening:${room.dataset.screening}`);
    this.seen = new Set(this.shelf.get("seen"));
    this.toEnd = false;
    this.told = { seconds: Number(room.dataset.seconds), toEnd: false };
    video.addEventListener("timeupdate", () => this.moved());
    for (const each of ["pause", "ended"]) video.addEventListener(each, () => this.tell());
    const lost = document.getElementById("film-lost");
    video.addEventListener("error", () => (lost.hidden = false));
    video.addEventListener("loadedmetadata", () => (lost.hidden = true));
    this.goOn();
    setInterval(() => this.tell(), EVERY);
  }

  // A film that was left is taken up where it was left.
  goOn() {
    const left = this.shelf.get("at");
    if (left) this.video.addEventListener("loadedmetadata", () => this.seek(left), { once: true });
    this.video.addEventListener("timeupdate", () => {
      const { currentTime, ended } = this.video;
      if (this.isThere) this.shelf.put("at", ended ? 0 : currentTime);
    });
  }

  // While another copy of the film comes, its clock stands at nought and means nothing.
  get isThere() {
    return this.video.readyState > 0;
  }

  // Only what really ran counts: whole seconds of film time, each once.
  moved() {
    if (!this.isThere) return;
    const { currentTime, duration, paused, seeking } = this.video;
    if (!paused && !seeking) this.seen.add(Math.floor(currentTime));
    document.getElementById("position").textContent = clock(currentTime);
    document.getElementById("played").setAttribute("width", `${(100 * currentTime) / duration}%`);
  }

  // One telling at a time, so that an older answer never covers a newer one.
  async tell() {
    this.toEnd ||= this.video.ended;
    const [seconds, toEnd] = [this.seen.size, this.toEnd];
    const isNews = seconds > this.told.seconds || toEnd !== this.told.toEnd;
    if (!isNews || this.telling) return;
    this.telling = true;
    this.shelf.put("seen", [...this.seen]);
    try {
      this.show(await ask(this.address, { seconds, to_end: toEnd }, { keepalive: true }));
      this.told = { seconds, toEnd };
    } catch {
      return; // A second watched is worth no words; the next beat tells it again.
    } finally {
      this.telling = false;
    }
    this.tell();
  }

  show(watched) {
    const words = document.getElementById("watched");
    const all = Math.round(this.length || this.video.duration);
    const told = words.dataset.words.replace("{seconds}", watched.seconds).replace("{all}", all);
    words.textContent = watched.to_end ? words.dataset.end : told;
  }

  toggle() {
    if (this.video.paused) this.video.play();
    else this.video.pause();
  }

  seek(seconds) {
    this.video.currentTime = Math.max(0, Math.min(seconds, this.video.duration || seconds));
  }

  by(seconds) {
    this.seek(this.video.currentTime + seconds);
  }

  step(frames) {
    this.video.pause();
    this.by(frames * this.frame);
  }

  wholeScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.video.requestFullscreen();
  }

  subtitles() {
    const tracks = [...this.video.textTracks];
    const shown = tracks.some((track) => track.mode === "showing");
    tracks.forEach((track, at) => (track.mode = !shown && at === 0 ? "showing" : "disabled"));
  }
}
