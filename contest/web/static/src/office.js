// The entries list: the button for many shows only when something is chosen, and says how much.

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

// A moment of the film that a finding speaks of: the player goes there.
const film = document.querySelector("video.entry-film");
for (const link of document.querySelectorAll("[data-seek]")) {
  link.addEventListener("click", (event) => {
    if (!film) return;
    event.preventDefault();
    film.currentTime = Number(link.dataset.seek);
    film.scrollIntoView({ block: "nearest" });
    film.play().catch(() => {}); // a browser may want a press on the film itself
  });
}
