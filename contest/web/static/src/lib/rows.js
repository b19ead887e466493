// Lists of rows that can be added, removed and moved, and lists of choices that grow by themselves.
// Rows carry their place in the names of their inputs: `people-2-name`.

export class Rows {
  constructor(root, changed) {
    this.root = root;
    this.name = root.dataset.rows;
    this.changed = changed;
    this.pattern = this.rows[0].cloneNode(true);
    clear(this.pattern);
    root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-row-act]");
      if (!button) return;
      event.preventDefault();
      this.act(button.dataset.rowAct, button.closest("[data-row]"));
    });
  }

  get rows() {
    return [...this.root.querySelectorAll("[data-row]")];
  }

  add() {
    const row = this.pattern.cloneNode(true);
    this.root.append(row);
    this.renumber();
    return row;
  }

  act(act, row) {
    const { previousElementSibling: before, nextElementSibling: after } = row;
    if (act === "remove") this.remove(row, before ?? after);
    else if (act === "up") before?.before(row);
    else after?.after(row);
    this.renumber();
    if (act !== "remove") this.keepMoving(row, act);
    this.changed();
  }

  // The same button again; at an end, where it is gone, the one that leads back.
  keepMoving(row, act) {
    const atEnd = act === "up" ? !row.previousElementSibling : !row.nextElementSibling;
    const back = act === "up" ? "down" : "up";
    row.querySelector(`[data-row-act="${atEnd ? back : act}"]`).focus();
  }

  remove(row, neighbour) {
    if (neighbour) row.remove();
    else clear(row); // the last one stays, empty
    (neighbour ?? row).querySelector("input, select").focus();
  }

  // Show as many rows as the pairs have, with their values.
  fill(pairs) {
    const count = Math.max(1, ...pairs.map(([name]) => Number(name.split("-")[1]) + 1));
    while (this.rows.length < count) this.add();
    for (const row of this.rows.slice(count)) row.remove();
    this.renumber();
    const values = new Map(pairs);
    for (const control of this.root.querySelectorAll("input, select, textarea")) {
      control.value = values.get(control.name) ?? "";
    }
  }

  renumber() {
    this.rows.forEach((row, place) => {
      row.querySelector("[data-row-number]").textContent = place + 1;
      for (const each of row.querySelectorAll("[name], [id], [for], [aria-describedby]")) {
        for (const attribute of ["name", "id", "for", "aria-describedby"]) {
          const value = each.getAttribute(attribute);
          if (value) each.setAttribute(attribute, value.replace(/-\d+-/, `-${place}-`));
        }
      }
      for (const button of row.querySelectorAll("[data-row-act]")) {
        button.value = `${button.dataset.rowAct}-${this.name}-${place}`;
      }
    });
  }
}

function clear(row) {
  for (const control of row.querySelectorAll("input, select, textarea")) {
    control.value = "";
    control.removeAttribute("value");
    control.removeAttribute("aria-invalid");
    for (const option of control.options ?? []) option.removeAttribute("selected");
  }
  for (const words of row.querySelectorAll(".wrong")) words.remove();
}

export class Many {
  constructor(root) {
    this.root = root;
    this.name = root.dataset.many;
    root.addEventListener("change", () => this.grow());
  }

  get choices() {
    return [...this.root.querySelectorAll("select")];
  }

  grow() {
    const last = this.choices.at(-1);
    if (!last.value) return;
    const next = last.cloneNode(true);
    const place = this.choices.length + 1;
    next.id = `${this.name}-${place}`;
    next.setAttribute("aria-label", `${last.dataset.label} ${place}`);
    next.value = "";
    last.after(next);
  }

  fill(pairs) {
    const values = pairs.map(([, value]) => value).filter(Boolean);
    values.forEach((value, place) => {
      this.choices[place].value = value;
      this.grow();
    });
    for (const extra of this.choices.slice(values.length)) extra.value = "";
  }
}
