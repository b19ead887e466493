// The office's small helps; every page works without them.

import { seekFromLinks } from "./lib/seeking.js";

// The entries list: the button for many shows when something is chosen, and says how much.

const bulk = document.querySelector("[data-bulk]");
const told = document.querySelector("[data-chosen]");
const boxes = [...document.querySelectorAll('input[name="entry"]')];

function show() {
  const chosen = boxes.filter((box) => box.checked).length;
  bulk.hidden = chosen === 0;
  told.textContent = `${told.dataset.words} ${chosen}`;
}

if (bulk) {
  for (const box of boxes) box.addEventListener("change", show);
  window.addEventListener("pageshow", show);
  show();
}

seekFromLinks("video.entry-film");

// Rules that were typed and not saved: the browser asks before it leaves them.
const rules = document.querySelector("form[data-unsaved]");
if (rules) {
  let unsaved = rules.dataset.unsaved === "yes";
  rules.addEventListener("input", () => { unsaved = true; });
  rules.addEventListener("submit", () => { unsaved = false; });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
}

// A new edition's address follows its title until somebody types one.
const title = document.querySelector("[data-names] #title");
const slug = document.querySelector("[data-names] #slug");
if (title && slug && !slug.value) {
  const follow = () => {
    const plain = title.value.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
    slug.value = plain.replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60);
  };
  title.addEventListener("input", follow);
  slug.addEventListener("input", () => title.removeEventListener("input", follow), { once: true });
}
