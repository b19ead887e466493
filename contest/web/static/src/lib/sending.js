// Sends one file in parts: several at a time, each with its SHA-256, again and again until it is
// there. What came is known to the server alone, so a page that was closed, a line that was cut or a
// server that fell over cost at most the parts that were on their way.
//
// The server says where each part goes once it knows the part's hash: to itself, or to a bucket that
// takes it by a signed address. Such an address is good for minutes; another is had for the asking.
//
// Why this is our own: Uppy 5, tried first, asks the server to throw the whole upload away when one
// part was refused four times or the server was gone for nine seconds, sends files below 5 MiB by
// another protocol, and doesn't try a failed completion again; Uppy 6 sends parts one after another.

import { converse } from "./asking.js";

const AT_ONCE = 4;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
const REFUSED_AT_MOST = 5;
const HANDFUL = 8; // parts announced by one request: a house asked for each is asked too often
const FRESH_MS = 300_000; // an address older than this is asked for anew: it may be over soon
const LONGEST_LOOK_MS = 5000;
const RATE_WINDOW_MS = 12_000;

// What a person must see to; everything else is tried again.
export class Stopped extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

export async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const passing = (status) => status === 0 || status === 408 || status === 429 || status >= 500;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// What the server says of an upload once it has read the whole film again; null when `going` ends.
export async function settled(url, going = () => true) {
  for (let looks = 0; going(); looks++) {
    const { status, data } = await converse("GET", url);
    if (status === 200 && !data.being_read) return data;
    if (status !== 200 && !passing(status)) throw new Stopped(data.message, status);
    await pause(Math.min(250 * 2 ** looks, LONGEST_LOOK_MS));
  }
  return null;
}

// Events: `progress` while bytes go out; `waiting` when the line is cut, `moving` when it is back;
// `reading` when all is sent; `done` with the film in `detail`; `stopped` with the reason there.
export class Sending extends EventTarget {
  // `upload` is what the server says of it: url, size, part_bytes, parts that are there.
  constructor(file, upload) {
    super();
    this.file = file;
    this.url = upload.url;
    this.partBytes = upload.part_bytes;
    this.there = new Map(upload.parts.map((part) => [part.number, part.sha256]));
    this.parts = Math.ceil(file.size / upload.part_bytes);
    this.underWay = new Map(); // part number -> bytes sent so far
    this.requests = new Set();
    this.paused = false;
    this.over = false;
    this.waiting = false;
    this.history = [];
    addEventListener("online", () => this.dispatchEvent(new Event("wake")));
  }

  // Whether the file holds what came before of it: every part that is there is compared.
  async matches() {
    for (const [number, known] of this.there) {
      if ((await sha256(await this.blob(number).arrayBuffer())) !== known) return false;
    }
    return true;
  }

  start() {
    this.paused = false;
    this.history = [];
    const lacking = Array.from({ length: this.parts }, (_, index) => index + 1);
    this.queue = lacking.filter((number) => !this.there.has(number) && !this.underWay.has(number));
    this.announced = [];
    this.announcing = null;
    const lanes = Array.from({ length: AT_ONCE }, () => this.lane());
    this.run = Promise.all(lanes)
      .then(() => this.paused || this.over || this.finish())
      .catch((problem) => this.stop(problem));
  }

  async pause() {
    this.paused = true;
    this.dispatchEvent(new Event("wake"));
    for (const request of this.requests) request.abort();
    await this.run;
  }

  get sent() {
    let bytes = 0;
    for (const number of this.there.keys()) bytes += this.length(number);
    for (const part of this.underWay.values()) bytes += part;
    return bytes;
  }

  // Bytes a second over the last seconds; 0 before there is anything to go by.
  get rate() {
    const [first, last] = [this.history[0], this.history.at(-1)];
    if (!first || last.at - first.at < 1000) return 0;
    return Math.max(0, ((last.sent - first.sent) * 1000) / (last.at - first.at));
  }

  length(number) {
    return Math.min(this.partBytes, this.file.size - (number - 1) * this.partBytes);
  }

  blob(number) {
    const start = (number - 1) * this.partBytes;
    return this.file.slice(start, start + this.length(number));
  }

  get going() {
    return !this.paused && !this.over;
  }

  async lane() {
    for (let part; (part = await this.next()); ) await this.deliver(part);
  }

  async next() {
    while (this.going && !this.announced.length && (this.queue.length || this.announcing)) {
      this.announcing ??= this.prepare().finally(() => (this.announcing = null));
      await this.announcing;
    }
    return this.going ? this.announced.shift() : null;
  }

  async prepare() {
    const parts = [];
    for (const number of this.queue.splice(0, HANDFUL)) {
      if (this.going) parts.push({ number, sha256: await sha256(await this.read(number)) });
    }
    this.announced.push(...(await this.announce(parts)));
  }

  // The parts with the address and the headers each is to be sent with.
  async announce(parts) {
    const told = { parts: parts.map(({ number, sha256 }) => ({ number, sha256 })) };
    for (let failed = 0; this.going; ) {
      const { status, data } = await converse("POST", `${this.url}/parts`, told);
      const at = performance.now();
      if (status === 200) return parts.map((part, place) => ({ ...part, ...data.parts[place], at }));
      if (!passing(status)) throw new Stopped(data.message, status);
      await this.rest(failed++);
    }
    return [];
  }

  async deliver(part) {
    for (let refused = 0, failed = 0; this.going; ) {
      if (performance.now() - part.at > FRESH_MS) part = await this.announceAgain(part);
      this.underWay.set(part.number, 0);
      const status = await this.put(part);
      this.underWay.delete(part.number);
      if (status === 200) return this.note(part);
      if (!this.going) break;
      if (passing(status)) {
        await this.rest(failed++);
        await this.read(part.number); // a file that is gone looks like a line that is cut
      } else {
        // The address is over, the part was damaged, or the upload has ended: the house knows.
        if (++refused === REFUSED_AT_MOST) throw new Stopped("", status);
        part = await this.announceAgain(part);
      }
    }
  }

  async announceAgain(part) {
    const [again] = await this.announce([part]);
    return again ?? part; // none where sending was paused meanwhile
  }

  async read(number) {
    try {
      return await this.blob(number).arrayBuffer();
    } catch {
      throw new Stopped("", "unreadable");
    }
  }

  // XMLHttpRequest and not fetch: only the former tells how much of a body has gone out.
  put({ number, url, headers }) {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open("PUT", url);
      request.setRequestHeader("Accept", "application/json");
      request.setRequestHeader("Content-Type", "application/octet-stream");
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.upload.onprogress = (event) => {
        this.underWay.set(number, event.loaded);
        this.tell();
      };
      request.onloadend = () => {
        this.requests.delete(request);
        resolve(request.status);
      };
      this.requests.add(request);
      request.send(this.blob(number));
    });
  }

  note({ number, sha256 }) {
    this.there.set(number, sha256);
    if (this.waiting && this.going) {
      this.waiting = false;
      this.dispatchEvent(new CustomEvent("moving"));
    }
    this.tell();
  }

  tell() {
    const now = performance.now();
    this.history.push({ at: now, sent: this.sent });
    while (now - this.history[0].at > RATE_WINDOW_MS) this.history.shift();
    this.dispatchEvent(new CustomEvent("progress"));
  }

  // Longer after each failure, not in step with others; cut short when the line is back.
  async rest(failures) {
    if (!this.going) return; // nothing more is said once sending has stopped
    if (!this.waiting) {
      this.waiting = true;
      this.dispatchEvent(new CustomEvent("waiting"));
    }
    const longest = Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
    await new Promise((resolve) => {
      this.addEventListener("wake", resolve, { once: true });
      setTimeout(resolve, longest * (0.5 + Math.random() / 2));
    });
  }

  async finish() {
    for (let failed = 0; !this.paused; ) {
      const { status, data } = await converse("POST", `${this.url}/complete`);
      if (status === 202) return this.beRead();
      if (status === 409 && data.again) return this.sendAgain(data.again);
      if (!passing(status)) throw new Stopped(data.message, status);
      await this.rest(failed++);
    }
  }

  async beRead() {
    this.dispatchEvent(new CustomEvent("reading"));
    const data = await settled(this.url, () => this.going);
    if (!data) return;
    if (data.state === "abandoned") throw new Stopped(data.message, data.state);
    if (!data.film) {
      const there = new Set(data.parts.map((part) => part.number));
      return this.sendAgain([...this.there.keys()].filter((number) => !there.has(number)));
    }
    this.over = true;
    this.dispatchEvent(new CustomEvent("done", { detail: data.film }));
  }

  sendAgain(numbers) {
    for (const number of numbers) this.there.delete(number);
    this.start();
  }

  stop(problem) {
    this.over = true;
    for (const request of this.requests) request.abort();
    this.dispatchEvent(new CustomEvent("stopped", { detail: problem }));
  }
}
