// A moment of the film that a page speaks of: its link takes the page's player there.

export function seekFromLinks(player) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-seek]");
    const film = link && document.querySelector(player);
    if (!film) return;
    event.preventDefault();
    film.currentTime = Number(link.dataset.seek);
    film.scrollIntoView({ block: "nearest" });
    film.play().catch(() => {}); // a browser may want a press on the film itself
  });
}
