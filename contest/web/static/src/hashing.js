// Runs beside the page and reads a whole film for its SHA-256: browsers can't hash what doesn't fit
// into memory, and a page that tried would stand still. Gets a File, answers hexadecimal digits.

import { sha256 } from "@noble/hashes/sha2.js";

const PIECE = 4 << 20;

self.onmessage = async ({ data: file }) => {
  const digest = sha256.create();
  for (let start = 0; start < file.size; start += PIECE) {
    digest.update(new Uint8Array(await file.slice(start, start + PIECE).arrayBuffer()));
  }
  const digits = Array.from(digest.digest(), (byte) => byte.toString(16).padStart(2, "0"));
  self.postMessage(digits.join(""));
};
