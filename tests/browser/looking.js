// What somebody with a keyboard, or with a finger, finds on a page. Read by keyboard.py.

const SMALLEST_PX = 44;
const LEAST_IN_SIGHT_PX = 20;

// What is drawn in a control's place: a file field is hidden behind its label.
const drawnOf = (at) => (at.offsetWidth > 2 ? at : at.labels[0]);

function nameOf(at) {
  const words = at.ariaLabel || at.labels?.[0]?.textContent || at.textContent || at.name || at.id;
  return `${at.tagName.toLowerCase()} “${words.trim().replace(/\s+/g, " ").slice(0, 40)}”`;
}

// How high what a finger aims at is; of links within a sentence nobody asks that.
function height(at) {
  const ticked = at.type === "checkbox" || at.type === "radio";
  const target = ticked ? at.labels[0] : drawnOf(at);
  const said = target.parentElement.textContent.trim() !== target.textContent.trim();
  const withinWords = at.tagName === "A" && getComputedStyle(at).display === "inline" && said;
  return withinWords ? Infinity : Math.round(target.getBoundingClientRect().height);
}

function isRinged(drawn) {
  if (drawn.tagName === "VIDEO") return true; // it rings its own knobs
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(drawn);
  return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || boxShadow !== "none";
}

// The window, and whatever scrolls within it around this.
function framesOf(drawn) {
  const frames = [{ left: 0, top: 0, right: innerWidth, bottom: innerHeight }];
  for (let up = drawn.parentElement; up && up !== document.body; up = up.parentElement) {
    if (getComputedStyle(up).overflowX !== "visible") frames.push(up.getBoundingClientRect());
  }
  return frames;
}

// Of a long list a part in sight is enough; of a text a browser brings the line one writes on.
function expected(drawn, box) {
  const { left, right, top, bottom } = box;
  if (box.height <= innerHeight / 2 && drawn.tagName !== "TEXTAREA") return { left, right, top, bottom };
  return { left, right, top: Math.max(top, 0), bottom: Math.min(bottom, innerHeight) };
}

function isInSight(drawn, box) {
  return box.bottom - box.top >= LEAST_IN_SIGHT_PX && framesOf(drawn).every((frame) =>
    box.left >= frame.left - 1 && box.right <= frame.right + 1
    && box.top >= frame.top - 1 && box.bottom <= frame.bottom + 1);
}

// What lies over one of its corners.
function coverOf(drawn, { left, right, top, bottom }) {
  const corners = [[left + 3, top + 3], [right - 3, top + 3], [left + 3, bottom - 3], [right - 3, bottom - 3]];
  return corners.map(([x, y]) => document.elementFromPoint(x, y)).find((there) =>
    there && !drawn.contains(there) && !there.contains(drawn)
    && ![...(drawn.labels ?? [])].some((label) => label.contains(there)));
}

function faultsOf(at) {
  const drawn = drawnOf(at);
  const faults = isRinged(drawn) ? [] : ["shows no ring"];
  for (const box of [...drawn.getClientRects()].map((each) => expected(drawn, each))) {
    const cover = coverOf(drawn, box);
    if (!isInSight(drawn, box)) faults.push(`is out of sight at ${box.left}, ${box.top}`);
    else if (cover) faults.push(`is covered by ${nameOf(cover)}`);
  }
  const touched = matchMedia("(pointer: coarse)").matches;
  if (touched && height(at) < SMALLEST_PX) faults.push(`is ${height(at)} px high`);
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) faults.push(`stands on a page of ${scrollWidth} px`);
  return faults;
}

// What has focus, whether it is one of those looked for, and what is wrong with it.
function look(wanted) {
  const at = document.activeElement;
  if (!at || at === document.body) return { name: "the end of the page", faults: [], found: false };
  const control = at.tabIndex >= 0; // else a place to go on from
  return { name: nameOf(at), faults: control ? faultsOf(at) : [], found: wanted.includes(at) };
}

// Every control of the page that a finger would miss.
function small() {
  const controls = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  return [...document.querySelectorAll(controls)]
    .filter((each) => each.tabIndex >= 0 && each.checkVisibility({ visibilityProperty: true }))
    .filter((each) => height(each) < SMALLEST_PX)
    .map((each) => `${nameOf(each)} is ${height(each)} px high`);
}
