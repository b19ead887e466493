// Builds the front end: src/*.js and src/*.css are entries, src/lib/ is shared, what they need of
// node_modules comes along. Out come build/<name>-<hash>.<ext>, safe to cache for ever, and
// build/manifest.json, which says what each entry is called this time.

import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import * as esbuild from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const source = path.join(here, "src");
const built = path.join(here, "build");
const fresh = `${built}.${process.pid}`;
const lucide = path.join(here, "../../../node_modules/lucide-static/icons");

async function bundle() {
  const entries = (await readdir(source)).filter((name) => /\.(js|css)$/.test(name));
  const result = await esbuild.build({
    entryPoints: entries.map((name) => path.join(source, name)),
    outdir: fresh,
    bundle: true,
    splitting: true,
    format: "esm",
    target: ["es2022", "safari16.4"],
    minify: true,
    sourcemap: true,
    metafile: true,
    legalComments: "linked",
    entryNames: "[name]-[hash]",
    chunkNames: "part-[hash]",
    assetNames: "[name]-[hash]",
    loader: { ".woff2": "file", ".svg": "file" },
    logLevel: "warning",
  });
  return Object.entries(result.metafile.outputs)
    .filter(([, output]) => output.entryPoint)
    .map(([file, output]) => [path.basename(output.entryPoint), path.basename(file)]);
}

// Drawings that are shown as they are, such as the mark in a browser's tab.
async function drawings() {
  const names = (await readdir(source)).filter((name) => name.endsWith(".svg"));
  return Promise.all(names.map((name) => named(name, readFile(path.join(source, name), "utf8"))));
}

async function named(name, content) {
  const text = await content;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8).toUpperCase();
  const file = name.replace(".svg", `-${hash}.svg`);
  await writeFile(path.join(fresh, file), text);
  return [name, file];
}

// One sheet with the icons that src/icons.txt names, to be used as <use href="…#name">.
async function iconSheet() {
  const listed = await readFile(path.join(source, "icons.txt"), "utf8");
  const names = listed.split("\n").map((line) => line.trim()).filter(Boolean);
  const symbols = await Promise.all(names.map(symbol));
  const sheet = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
  return named("icons.svg", sheet);
}

async function symbol(name) {
  const drawing = await readFile(path.join(lucide, `${name}.svg`), "utf8");
  const shapes = drawing.slice(drawing.indexOf(">", drawing.indexOf("<svg")) + 1, drawing.indexOf("</svg>"));
  return (
    `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" ` +
    `stroke-linecap="round" stroke-linejoin="round">${shapes.replace(/\s+/g, " ").trim()}</symbol>`
  );
}

// Text is kept compressed as well, so that no request has to.
async function compress() {
  const texts = (await readdir(fresh)).filter((name) => /\.(js|css|svg)$/.test(name));
  await Promise.all(
    texts.map(async (name) => {
      const content = await readFile(path.join(fresh, name));
      await writeFile(path.join(fresh, `${name}.gz`), gzipSync(content, { level: 9 }));
    }),
  );
}

// A new folder takes the old one's place at the end, so that a build cut short leaves no half.
await mkdir(fresh, { recursive: true });
const entries = [...(await bundle()), ...(await drawings()), await iconSheet()];
await compress();
const manifest = Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b)));
await writeFile(path.join(fresh, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
await rm(built, { recursive: true, force: true });
await rename(fresh, built);
console.log(`Built ${entries.length} entries of the front end.`);
