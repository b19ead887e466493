// Time left until an instant, by the server's clock: the page brings the server's "now" along, and
// from there the browser's steady timer counts, so that a wrong clock on this device does no harm.

const SECOND = 1000;
const language = document.documentElement.lang || "en";
const days = new Intl.NumberFormat(language, { style: "unit", unit: "day", unitDisplay: "long" });
const two = (number) => String(number).padStart(2, "0");

function words(milliseconds) {
  const seconds = Math.floor(milliseconds / SECOND);
  const [day, hour] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24];
  const time = `${two(hour)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return day ? `${days.format(day)} ${time}` : time;
}

function start(place) {
  const left = Date.parse(place.dataset.until) - Date.parse(place.dataset.now);
  const begun = performance.now();
  const tick = () => {
    const now = left - (performance.now() - begun);
    place.textContent = now > 0 ? words(now) : place.dataset.after;
    if (now > 0) setTimeout(tick, now % SECOND || SECOND);
    else place.dispatchEvent(new CustomEvent("countdown:over", { bubbles: true }));
  };
  place.hidden = false;
  tick();
}

document.querySelectorAll(".countdown").forEach(start);
