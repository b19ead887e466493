// Sends one file in parts: several at a time, each with its SHA-256, again and again until it is
// there. What came is known to the server alone, so a page that was closed, a line that was cut or a
// server that fell over cost at most the parts that were on their way.
//
// Why this is our own: Uppy 5, tried first, asks the server to throw the whole upload away when one
// part was refused four times or the server was gone for nine seconds, sends files below 5 MiB by
// another protocol, and doesn't try a failed completion again; Uppy 6 sends parts one after another.

import { converse, token } from "./asking.js";

const AT_ONCE = 4;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
const DAMAGED_AT_MOST = 5;
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

// Events: `progress` while bytes go out; `waiting` when the line is cut, `moving` when it is back;
// `done` with the server's answer in `detail`; `stopped` with the reason in `detail`.
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

  async lane() {
    while (this.queue.length && !this.paused && !this.over) await this.deliver(this.queue.shift());
  }

  async deliver(number) {
    const bytes = await this.read(number);
    const digest = await sha256(bytes);
    for (let damaged = 0, failed = 0; !this.paused && !this.over; ) {
      this.underWay.set(number, 0);
      const { status, data } = await this.put(number, bytes, digest);
      this.underWay.delete(number);
      if (this.paused) break;
      if (status === 200) return this.note(number, digest);
      if (status === 422 && ++damaged < DAMAGED_AT_MOST) continue;
      if (!passing(status)) throw new Stopped(data.message, status);
      await this.rest(failed++);
    }
  }

  async read(number) {
    try {
      return await this.blob(number).arrayBuffer();
    } catch {
      throw new Stopped("", "unreadable");
    }
  }

  // XMLHttpRequest and not fetch: only the former tells how much of a body has gone out.
  put(number, bytes, digest) {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open("PUT", `${this.url}/parts/${number}`);
      request.setRequestHeader("Accept", "application/json");
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.setRequestHeader("X-CSRFToken", token);
      request.setRequestHeader("X-Part-SHA256", digest);
      request.responseType = "json";
      request.upload.onprogress = (event) => {
        this.underWay.set(number, event.loaded);
        this.tell();
      };
      request.onloadend = () => {
        this.requests.delete(request);
        resolve({ status: request.status, data: request.response ?? {} });
      };
      this.requests.add(request);
      request.send(bytes);
    });
  }

  note(number, digest) {
    this.there.set(number, digest);
    if (this.waiting) {
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
      if (status === 200) {
        this.over = true;
        this.dispatchEvent(new CustomEvent("done", { detail: data }));
        return;
      }
      if (status === 409 && data.again) return this.sendAgain(data.again);
      if (!passing(status)) throw new Stopped(data.message, status);
      await this.rest(failed++);
    }
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
