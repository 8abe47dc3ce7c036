// Prints what a first visit loads, and fails where that is more than is promised.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 120_000;
const folder = new URL("../api/podbook_api/web/built/", import.meta.url);
const index = readFileSync(new URL("index.html", folder));
const files = readdirSync(new URL("assets/", folder)).map((name) => `assets/${name}`);
const sizes = ["index.html", ...files].map((name) => {
  const data = readFileSync(new URL(name, folder));
  return { name, zipped: gzipSync(data, { level: 9 }).length, first: name === "index.html" || index.includes(name) };
});
for (const { name, zipped, first } of sizes) console.log(`${String(zipped).padStart(8)}  ${name}${first ? "" : "  (later)"}`);
const total = sizes.filter(({ first }) => first).reduce((sum, { zipped }) => sum + zipped, 0);
console.log(`${String(total).padStart(8)}  bytes gzipped at the first visit; at most ${LIMIT}`);
if (total > LIMIT) process.exit(1);
