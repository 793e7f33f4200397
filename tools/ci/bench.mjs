// `npm run bench`: every package's own measurements, one after the other, on builds of this tree.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/pnpm.mjs';
import { must, run } from '../setup/steps.mjs';
import { projects } from './projects.mjs';

const main = join('bench', 'bench.mjs');
const measured = projects().filter(({ folder }) => existsSync(join(root, folder, main)));

must('nx', ['run-many', '-t', 'build', '--parallel=2', '--outputStyle=static']);
const failed = measured.filter(({ folder }) => run('node', [join(folder, main), ...process.argv.slice(2)]) !== 0);
if (measured.length === 0) console.log('No package has measurements: none has a bench/bench.mjs.');
for (const { manifest } of failed) console.error(`failed: the measurements of ${manifest.name}`);
process.exitCode = failed.length > 0 ? 1 : 0;
