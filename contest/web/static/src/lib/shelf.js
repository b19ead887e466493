// What this device keeps, by field. A browser that allows no storage keeps it only as long as the
// page is open, and `works` says so.

export class Shelf {
  constructor(name) {
    this.name = name;
    this.open = new Map();
    try {
      localStorage.setItem(name, "");
      localStorage.removeItem(name);
      this.works = true;
    } catch {
      this.works = false;
    }
  }

  get(field) {
    if (!this.works) return this.open.get(field) ?? null;
    try {
      return JSON.parse(localStorage.getItem(`${this.name}:${field}`));
    } catch {
      return null;
    }
  }

  // A device that is full keeps as little as one that keeps nothing.
  put(field, value) {
    this.open.set(field, value);
    if (!this.works) return;
    try {
      localStorage.setItem(`${this.name}:${field}`, JSON.stringify(value));
    } catch {
      this.drop(field);
      this.open.set(field, value);
      this.works = false;
    }
  }

  drop(field) {
    this.open.delete(field);
    if (this.works) localStorage.removeItem(`${this.name}:${field}`);
  }
}
