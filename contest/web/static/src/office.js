// The entries list: the button for many shows only when something is chosen, and says how much.

const bulk = document.querySelector("[data-bulk]");
const boxes = [...document.querySelectorAll('input[name="entry"]')];

function show() {
  const chosen = boxes.filter((box) => box.checked).length;
  bulk.hidden = chosen === 0;
}

if (bulk) {
  for (const box of boxes) box.addEventListener("change", show);
  window.addEventListener("pageshow", show);
  show();
}
