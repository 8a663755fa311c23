// Adds up what a phone loads, compressed, before it shows a route for the first time, and fails above the budget. Reads the
// manifest of the last build: run `npm run build` first.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const { routes } = JSON.parse(readFileSync(new URL('../size-budget.json', import.meta.url), 'utf8'));
const manifest = JSON.parse(readFileSync(dist + '.vite/manifest.json', 'utf8'));
const size = (file) => gzipSync(readFileSync(dist + file), { level: 9 }).length;

let over = false;
for (const route of routes) {
  const chunks = new Set();
  const styles = new Set();
  const add = (key) => {
    const chunk = manifest[key];
    if (!chunk) throw new Error(`${key} is not in the build; mend size-budget.json`);
    if (chunks.has(chunk.file)) return;
    chunks.add(chunk.file);
    for (const css of chunk.css ?? []) styles.add(css);
    for (const next of chunk.imports ?? []) add(next);
  };
  for (const entry of route.loads) add(entry);
  const files = ['index.html', 'theme.js', ...chunks, ...styles];
  const sizes = files.map((file) => [file, size(file)]).sort((a, b) => b[1] - a[1]);
  const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
  const kib = (bytes) => (bytes / 1024).toFixed(1).padStart(7);
  console.log(`${route.name}: ${kib(total).trim()} KiB gz of ${route.limitKiB}`);
  if (process.argv.includes('--files')) for (const [file, bytes] of sizes) console.log(`${kib(bytes)}  ${file}`);
  if (total > route.limitKiB * 1024) over = true;
}
if (over) {
  console.error('over the budget: npm run size -- --files shows where it goes');
  process.exit(1);
}
