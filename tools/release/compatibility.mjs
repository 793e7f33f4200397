// `node tools/release/compatibility.mjs`: writes docs/compatibility.md; `--check` says whether it is current.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicProjects } from '../ci/projects.mjs';
import { root } from '../setup/pnpm.mjs';
import { compatibilityPage } from './src/compatibility.mjs';

const page = join(root, 'docs', 'compatibility.md');
const matrix = join(root, 'docs', 'support-matrix.md');

const manifests = publicProjects().map(({ manifest }) => manifest);
const text = compatibilityPage(manifests, existsSync(matrix) ? readFileSync(matrix, 'utf8') : '');
const isCurrent = existsSync(page) && readFileSync(page, 'utf8') === text;
if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (!isCurrent) {
  console.error(
    'docs/compatibility.md is not what manifests and the support matrix say; run: node tools/release/compatibility.mjs',
  );
  process.exitCode = 1;
} else console.log('compatibility: current');
