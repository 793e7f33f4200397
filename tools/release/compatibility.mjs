// `node tools/release/compatibility.mjs`: writes docs/compatibility.md; `--check` says whether it is current.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projects } from '../ci/projects.mjs';
import { root } from '../setup/pnpm.mjs';
import { compatibilityPage } from './src/compatibility.mjs';

const page = join(root, 'docs', 'compatibility.md');

function reportsIn(folder) {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort();
  return files
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')))
    .filter(({ driver, summary }) => driver && summary);
}

const manifests = projects()
  .map(({ manifest }) => manifest)
  .filter(({ private: isPrivate }) => !isPrivate);
const text = compatibilityPage(manifests, reportsIn(join(root, 'docs', 'support')));
const isCurrent = existsSync(page) && readFileSync(page, 'utf8') === text;
if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (!isCurrent) {
  console.error(
    'docs/compatibility.md is not what manifests and reports say; run: node tools/release/compatibility.mjs',
  );
  process.exitCode = 1;
} else console.log('compatibility: current');
