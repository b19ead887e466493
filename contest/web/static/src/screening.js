// The screening room: player, score sheet and notes, and the keys that reach all three.

import { FilmNotes } from "./lib/film_notes.js";
import { FilmPlayer } from "./lib/film_player.js";
import { offerLighterPicture } from "./lib/lighter_picture.js";
import { ScoreSheet } from "./lib/score_sheet.js";
import { Shelf } from "./lib/shelf.js";

const FIELDS = "input:not([type=radio], [type=checkbox]), textarea, select";
const PRESSED_BY_SPACE = "button, a, summary, input";

const choices = new Shelf("palmares:keys");
const room = document.getElementById("room");
const find = (id) => document.getElementById(id);
const player = find("film") && new FilmPlayer(find("film"), room);
if (player) offerLighterPicture(player.video);
const sheet = find("sheet") && new ScoreSheet(find("sheet"), room.dataset.screening);
if (find("note-form")) new FilmNotes(find("note-form"), player, Number(room.dataset.length));

const ACTS = {
  " ": () => player?.toggle(),
  k: () => player?.toggle(),
  ArrowLeft: () => player?.by(-5),
  ArrowRight: () => player?.by(5),
  ",": () => player?.step(-1),
  ".": () => player?.step(1),
  f: () => player?.wholeScreen(),
  c: () => player?.subtitles(),
  s: () => sheet?.focusNext(),
  n: () => find("note-text")?.focus(),
};

// Keys that somebody's field, button or assistive tool needs are left alone.
function act(event) {
  const { target, key } = event;
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
  if (target.matches(FIELDS) || choices.get("off")) return;
  const criterion = target.closest("fieldset[data-criterion]");
  if (/^\d$/.test(key)) {
    if (criterion) sheet.mark(criterion, key === "0" ? 10 : Number(key));
    return;
  }
  if (key === " " && target.matches(PRESSED_BY_SPACE)) return;
  if (key.startsWith("Arrow") && target.matches("[type=radio]")) return;
  if (!ACTS[key]) return;
  event.preventDefault();
  ACTS[key]();
}

document.addEventListener("keydown", act);

const keys = find("keys-on");
if (keys) {
  keys.checked = !choices.get("off");
  keys.addEventListener("change", () => {
    if (keys.checked) choices.drop("off");
    else choices.put("off", true);
  });
}
