// The same film with a lighter picture, for poor lines: chosen beside the player, and remembered on
// this device. Who never chose begins light where their browser says that they save data.

import { Shelf } from "./shelf.js";

const choices = new Shelf("palmares:picture");

export function offerLighterPicture(video) {
  const light = video.dataset.light;
  const box = document.getElementById("lighter-picture");
  if (!light || !box) return;
  const full = video.getAttribute("src") ?? video.querySelector("source").src;
  let left = null;

  // A second choice before the first is there goes on from where the film was left.
  const show = () => {
    left ??= { at: video.currentTime, runs: !video.paused, pace: video.playbackRate };
    video.src = box.checked ? light : full;
  };

  video.addEventListener("loadedmetadata", () => {
    if (!left) return;
    const { at, runs, pace } = left;
    left = null;
    if (at) video.currentTime = at;
    video.playbackRate = pace;
    if (runs) video.play().catch(() => {}); // Stopped or chosen again before it could begin.
  });

  box.addEventListener("change", () => {
    choices.put("light", box.checked);
    show();
  });

  box.checked = choices.get("light") ?? navigator.connection?.saveData ?? false;
  box.parentElement.hidden = false;
  if (box.checked) show();
}
