// Saves forms as they are filled in, field by field, and loses nothing on the way: what the server
// has not taken yet is kept on this device and sent again when the line, the tab or the page is back.
//
// A field is every input whose name begins alike up to the first dash: `people-0-name` belongs to
// `people`. Each unsent field remembers what it held when its author last saw the server's copy, so
// that the server can tell a newer copy from an older one; where both changed, the author chooses.

import { converse } from "./asking.js";
import { Shelf } from "./shelf.js";

const QUIET_MS = 600;
const PAUSES_MS = [2000, 5000, 15_000, 30_000];

export const fieldOf = (name) => name.split("-", 1)[0];
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

// Names and values of one field, as the form would send them.
function pairsOf(form, field) {
  return [...new FormData(form)].filter(
    ([name, value]) => fieldOf(name) === field && typeof value === "string",
  );
}

// Events: `state` with {state, time} in `detail`; `wrong` with {form, wrong} (words by input name);
// `elsewhere` with {form, field, words}; `restored` with {form, field, pairs}, for whoever can put
// them back into the form; `saved` after the server took something.
export class Autosave extends EventTarget {
  constructor(name, revision, forms) {
    super();
    this.shelf = new Shelf(name);
    this.revision = revision;
    this.changes = new Map(); // field -> {form, now, was, revision, waits}
    this.held = new Map(); // field -> what the server holds, as pairs
    this.forms = forms;
    this.failed = 0;
  }

  start() {
    for (const form of this.forms) {
      const served = form.cloneNode(true);
      served.reset();
      for (const field of this.fields(form)) this.held.set(field, pairsOf(served, field));
      this.restore(form);
      // What was filled in before this script came, on a slow line, is a change like any other.
      for (const field of this.fields(form)) this.changed(form, field);
      form.addEventListener("input", (event) => this.note(form, event.target, QUIET_MS));
      form.addEventListener("change", (event) => this.note(form, event.target, 0));
    }
    addEventListener("online", () => this.send());
    document.addEventListener("visibilitychange", () => this.send());
    if (this.changes.size) this.send();
  }

  fields(form) {
    const names = [...form.elements].map((each) => each.name && fieldOf(each.name));
    const own = new Set(["", "csrf_token", "revision", "act", undefined]);
    return new Set(names.filter((name) => !own.has(name)));
  }

  restore(form) {
    for (const field of this.fields(form)) {
      const kept = this.shelf.get(field);
      if (!kept) continue;
      if (same(kept.now, this.held.get(field))) {
        this.shelf.drop(field);
        continue;
      }
      this.changes.set(field, { ...kept, form });
      this.tell("restored", { form, field, pairs: kept.now });
    }
  }

  // Something in the form changed; `pause` is how long to wait for more of it.
  note(form, control, pause) {
    if (control?.name && control.type !== "file") this.changed(form, fieldOf(control.name), pause);
  }

  changed(form, field, pause = 0) {
    const now = pairsOf(form, field);
    const before = this.changes.get(field);
    if (same(now, before?.now ?? this.held.get(field)) && !before?.waits) return;
    const change = {
      now,
      was: before?.was ?? this.held.get(field) ?? [],
      revision: before?.revision ?? this.revision,
    };
    this.shelf.put(field, change);
    this.changes.set(field, { ...change, form });
    this.say("kept");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), pause);
  }

  // The author prefers what stands in the form to what is stored.
  insist(form, field) {
    const change = this.changes.get(field);
    this.changes.set(field, { ...change, form, revision: this.revision, waits: false });
    this.send();
  }

  // The author prefers what is stored.
  yield(field) {
    this.changes.delete(field);
    this.shelf.drop(field);
  }

  async send() {
    clearTimeout(this.timer);
    if (this.sending) return void (this.again = true);
    this.sending = true;
    try {
      for (const form of this.forms) await this.sendForm(form);
    } finally {
      this.sending = false;
    }
    if (this.again) {
      this.again = false;
      await this.send();
    }
  }

  async sendForm(form) {
    const changes = [...this.changes].filter(([, each]) => each.form === form && !each.waits);
    if (!changes.length) return;
    this.say("saving");
    const told = {
      revision: Math.min(...changes.map(([, each]) => each.revision)),
      fields: Object.fromEntries(changes.map(([field, { now, was }]) => [field, { now, was }])),
    };
    const answer = await converse("POST", form.action, told);
    if (answer.status === 200) return this.took(form, changes, answer.data);
    if (answer.status === 401) return this.say("signed_out");
    if (answer.status === 0 || answer.status === 429 || answer.status >= 500) return this.later();
    this.say("refused", answer.data.message);
  }

  later() {
    this.say("kept");
    clearTimeout(this.timer);
    const pause = PAUSES_MS[Math.min(this.failed++, PAUSES_MS.length - 1)];
    this.timer = setTimeout(() => this.send(), pause);
  }

  took(form, changes, { revision, saved_at, wrong, elsewhere }) {
    this.failed = 0;
    this.revision = revision;
    const bad = new Set(Object.keys(wrong).map(fieldOf));
    for (const [field, sent] of changes) {
      if (bad.has(field) || field in elsewhere) this.wait(field, sent);
      else this.settle(field, sent);
    }
    this.tell("wrong", { form, fields: changes.map(([field]) => field), wrong });
    for (const [field, words] of Object.entries(elsewhere)) {
      this.tell("elsewhere", { form, field, words });
    }
    const waiting = [...this.changes.values()].some((each) => each.waits);
    this.say(waiting ? "wrong" : this.changes.size ? "kept" : "saved", saved_at);
    this.tell("saved", { form });
  }

  // Not before its author has looked at it again.
  wait(field, sent) {
    const change = this.changes.get(field);
    if (change && same(change.now, sent.now)) this.changes.set(field, { ...change, waits: true });
  }

  settle(field, sent) {
    this.held.set(field, sent.now);
    const change = this.changes.get(field);
    if (!change || same(change.now, sent.now)) return this.yield(field);
    const newer = { now: change.now, was: sent.now, revision: this.revision };
    this.shelf.put(field, newer);
    this.changes.set(field, { ...newer, form: change.form });
    this.again = true;
  }

  say(state, time) {
    this.tell("state", { state: state === "kept" && !this.shelf.works ? "unkept" : state, time });
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
