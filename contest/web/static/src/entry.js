// The page of an entry: saves what is typed, and shows again what the house finds out meanwhile.

import { Autosave, fieldOf } from "./lib/autosave.js";
import { Many, Rows } from "./lib/rows.js";
import { seekFromLinks } from "./lib/seeking.js";
import { Shelf } from "./lib/shelf.js";

const LOOK_AGAIN_MS = 1500;
const root = document.querySelector("[data-entry]");
const say = JSON.parse(root.dataset.say);
const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const forms = [...root.querySelectorAll("form[data-section]")];

// --- saving ---------------------------------------------------------------------------------------

const saving = new Autosave(`palmares:entry:${root.dataset.entry}`, Number(root.dataset.revision), forms);
const lists = new Map(); // field -> Rows or Many

for (const place of root.querySelectorAll("[data-rows]")) {
  const form = place.closest("form");
  const rows = new Rows(place, () => saving.changed(form, rows.name));
  lists.set(rows.name, rows);
  form.querySelector(`[data-add="${rows.name}"]`).addEventListener("click", (event) => {
    event.preventDefault();
    rows.add().querySelector("input, select").focus();
  });
}
for (const place of root.querySelectorAll("[data-many]")) {
  const many = new Many(place);
  lists.set(many.name, many);
}

function controls(form, field) {
  return [...form.elements].filter((each) => each.name && fieldOf(each.name) === field);
}

saving.addEventListener("restored", ({ detail: { form, field, pairs } }) => {
  if (lists.has(field)) return lists.get(field).fill(pairs);
  const values = pairs.map(([, value]) => value);
  for (const control of controls(form, field)) {
    if (control.type === "checkbox") control.checked = values.includes(control.value);
    else control.value = values[0] ?? "";
  }
});

const savedPlace = root.querySelector("[data-saved]");
saving.addEventListener("state", ({ detail: { state, time } }) => {
  const words = state === "refused" ? time : fill(say[state], { time });
  if (savedPlace.textContent !== words) savedPlace.textContent = words;
  savedPlace.dataset.state = state;
});

saving.addEventListener("wrong", ({ detail: { form, fields, wrong } }) => {
  for (const control of fields.flatMap((field) => controls(form, field))) {
    const place = control.closest(".field");
    if (!place || control.type === "submit") continue;
    place.querySelector(".wrong")?.remove();
    place.classList.toggle("field-wrong", control.name in wrong);
    control.toggleAttribute("aria-invalid", false);
    if (control.name in wrong) showWrong(place, control, wrong[control.name]);
  }
});

function showWrong(place, control, words) {
  const line = document.createElement("p");
  line.className = "wrong";
  line.id = `${control.id}-wrong`;
  line.textContent = words;
  place.append(line);
  control.setAttribute("aria-invalid", "true");
  const described = (control.getAttribute("aria-describedby") ?? "").split(" ");
  const ids = new Set([...described, line.id].filter(Boolean));
  control.setAttribute("aria-describedby", [...ids].join(" "));
}

saving.addEventListener("elsewhere", ({ detail: { form, field, words } }) => {
  form.querySelector(`[data-elsewhere="${field}"]`)?.remove();
  const first = controls(form, field)[0];
  const place = document.createElement("div");
  place.className = "notice";
  place.dataset.elsewhere = field;
  place.setAttribute("role", "alert");
  const told = document.createElement("p");
  told.textContent = say.elsewhere;
  const quote = document.createElement("blockquote");
  quote.textContent = words;
  const mine = button(say.mine, () => {
    place.remove();
    saving.insist(form, field);
  });
  const theirs = button(say.theirs, () => {
    saving.yield(field);
    location.reload(); // everything else that is unsent is kept and comes back
  });
  place.append(told, quote, mine, " ", theirs);
  (first.closest("[data-rows], [data-many]") ?? first.closest(".field") ?? first).after(place);
});

function button(words, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button-quiet";
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}

for (const form of forms) {
  form.querySelector("[data-save]").hidden = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    saving.send();
  });
}

// --- what changes on the page -----------------------------------------------------------------------

let looking;
let asked = new AbortController();

// Only the newest question counts: an older answer that comes late would show what no longer holds.
async function look() {
  clearTimeout(looking);
  asked.abort();
  const { signal } = (asked = new AbortController());
  const html = await ask(signal);
  if (signal.aborted) return;
  if (html) show(html);
  if (document.querySelector("[data-changing]")) looking = setTimeout(look, LOOK_AGAIN_MS);
}

async function ask(signal) {
  try {
    const answer = await fetch(root.dataset.parts, { headers: { Accept: "text/html" }, signal });
    return answer.ok && (await answer.text());
  } catch {
    return null;
  }
}

// Take over the parts that say something else than before; focus stays where it was, and in sight.
function show(html) {
  const sawFocus = isInSight(document.activeElement);
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const part of fresh.querySelectorAll("body > [id]")) {
    const old = document.getElementById(part.id);
    if (!old || (told(old) === told(part) && old.dataset.as === part.dataset.as)) continue;
    const focused = old.contains(document.activeElement) && document.activeElement.id;
    old.replaceWith(document.adoptNode(part));
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }
  const at = document.activeElement;
  if (sawFocus && !isInSight(at)) at.scrollIntoView({ block: "nearest" });
}

function isInSight(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}

const told = (part) => part.textContent.replace(/\s+/g, " ");

saving.addEventListener("saved", look);
root.addEventListener("palmares:film-received", look);
document.addEventListener("countdown:over", () => setTimeout(look, 1000));

// --- small help -------------------------------------------------------------------------------------

// A link to what is missing opens its step and goes to the field.
root.addEventListener("click", (event) => {
  const link = event.target.closest("[data-go]");
  const goal = link && document.getElementById(link.dataset.go);
  if (!goal) return;
  event.preventDefault();
  goal.closest("details").open = true;
  goal.scrollIntoView({ block: "center" });
  const first = goal.matches("input, select, textarea") ? goal : goal.querySelector("summary, input, select");
  first?.focus({ preventScroll: true });
});

for (const place of root.querySelectorAll("[data-count]")) {
  const control = document.getElementById(place.dataset.count);
  const { low, high } = place.dataset;
  const count = () => {
    const length = [...control.value.trim()].length;
    place.textContent = fill(say.count, { count: length, low, high });
    place.toggleAttribute("data-beyond", length > Number(high));
  };
  control.addEventListener("input", count);
  saving.addEventListener("restored", count);
  count();
}

// An answer is sent once, not saved as it is typed; until then this device keeps it.
const answer = document.getElementById("answer");
const shelf = new Shelf(`palmares:entry:${root.dataset.entry}`);
if (answer) {
  answer.value ||= shelf.get("answer") ?? "";
  answer.addEventListener("input", () => shelf.put("answer", answer.value));
} else {
  shelf.drop("answer");
}

if (savedPlace) saving.start();
if (document.querySelector("[data-changing]")) looking = setTimeout(look, LOOK_AGAIN_MS);

seekFromLinks("video.entry-still");
