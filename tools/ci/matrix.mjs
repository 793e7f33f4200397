// `node tools/ci/matrix.mjs [--write]`: is docs/support-matrix.md what the conformance runs of this tree say? Their reports are
// in temp/ of each driver after `npm test`. `--write` makes the page, and docs/compatibility.md, from them.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { root } from '../setup/pnpm.mjs';
import { must } from '../setup/steps.mjs';
import { compareMatrix } from './matrix-page.mjs';
import { projects } from './projects.mjs';

const page = join('docs', 'support-matrix.md');
const suite = join('packages', 'conformance', 'dist', 'main.js');
const isWhole = (file) => JSON.parse(readFileSync(join(root, file), 'utf8')).partial === false;

/** The reports that whole runs of these projects left. */
function reportsOf(names) {
  return projects()
    .filter(({ manifest }) => names.includes(manifest.name) && manifest.virtDrivers?.kind === 'driver')
    .map(({ folder }) => join(folder, 'temp'))
    .filter((temp) => existsSync(join(root, temp)))
    .flatMap((temp) =>
      readdirSync(join(root, temp))
        .filter((file) => /^conformance.*\.json$/.test(file))
        .map((file) => join(temp, file)),
    )
    .filter(isWhole)
    .sort();
}

async function matrixOf(reports) {
  if (reports.length === 0) return '';
  const options = { cwd: root, maxBuffer: 2 ** 26, timeout: 60_000 };
  return (await promisify(execFile)(process.execPath, [suite, 'matrix', ...reports], options)).stdout;
}

/** How the page compares with what these projects' runs say; see `compareMatrix`. */
export async function matrixProblems(names) {
  const reports = reportsOf(names);
  const { stale, unknown } = compareMatrix(readFileSync(join(root, page), 'utf8'), await matrixOf(reports));
  const isAsked = (text) => names.some((name) => text.startsWith(`${name.replace('@virt-drivers/driver-', '')} `));
  return { stale, unknown: unknown.filter(isAsked), reports };
}

/** The comparison as a task of a run. */
export async function matrixTask(names) {
  const { stale, unknown, reports } = await matrixProblems(names);
  const advice = 'run: node tools/ci/matrix.mjs --write';
  const cases = [
    ...stale.map((what) => ({ name: `${page} is old: ${what}; ${advice}`, outcome: 'failed' })),
    ...unknown.map((what) => ({
      name: what,
      outcome: 'skipped',
      reason: `the support matrix was not compared: ${what}`,
    })),
    ...(stale.length === 0 && reports.length > 0 ? [{ name: 'the support matrix is current', outcome: 'passed' }] : []),
  ];
  return { project: 'workspace', target: 'matrix', status: 'success', milliseconds: 0, cases };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const names = projects().map(({ manifest }) => manifest.name);
  if (process.argv.includes('--write')) {
    must('node', [suite, 'matrix', ...reportsOf(names), '--output', page]);
    must('node', ['tools/release/compatibility.mjs']);
  }
  const { stale, unknown, reports } = await matrixProblems(names);
  for (const what of stale) console.error(`${page} is old: ${what}`);
  for (const what of unknown) console.log(`not compared: ${what}`);
  console.log(`${page}: ${reports.length} report(s), ${stale.length} difference(s)`);
  process.exitCode = stale.length > 0 ? 1 : 0;
}
