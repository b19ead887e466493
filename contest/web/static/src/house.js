// On every page: small things that make the house kinder, none of which a page needs to work.

// A form that asks for a time zone offers the one this device is in.
for (const form of document.querySelectorAll("form[data-zone-field]")) {
  const field = form.elements[form.dataset.zoneField];
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (field && field.value === "UTC" && [...field.options].some((option) => option.value === zone)) {
    field.value = zone;
  }
}

// A button sends its form once; a second press while the answer is on its way is a slip.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Where the line of rooms is longer than the window, the room one is in stands in its middle.
for (const here of document.querySelectorAll(".masthead-nav [aria-current]")) {
  const line = here.closest("ul");
  const left = here.getBoundingClientRect().left - line.getBoundingClientRect().left;
  line.scrollLeft += left - (line.clientWidth - here.offsetWidth) / 2;
}
