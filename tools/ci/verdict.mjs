// The end of a run: one table, what failed, what could not be tested and why, and a last line to read by programs.
import { projectFolder } from './projects.mjs';
import { reportsIn, summarise } from './results.mjs';
import { projectTable, skipLines, timeLines } from './table.mjs';

function print({ rows, failures, skips, passed }, started, apart) {
  console.log(`\n${projectTable(rows).join('\n')}`);
  console.log(`\nTook ${((Date.now() - started) / 60_000).toFixed(1)} min, most of it in:`);
  for (const line of timeLines(rows)) console.log(line);
  if (failures.length > 0) console.log('\nFailed:');
  for (const { project, name } of failures) console.log(`- ${project}: ${name}`);
  if (skips.length > 0) console.log('\nNot tested:');
  for (const line of skipLines(skips)) console.log(line);
  if (apart.length > 0) console.log('\nNot part of this run, each a command of its own:');
  for (const { command, what } of apart) console.log(`- ${command}: ${what}`);
  console.log(`\n${passed} passed, ${failures.length} failed, ${skips.length} skipped`);
}

/**
 * Runs `work`, which returns tasks, and ends with their verdict: also when it could not even be prepared.
 * @param {() => Promise<object[]>} work
 * @param {{apart?: {command: string, what: string}[]}} [options] `apart`: what is proven by other commands than this one
 */
export async function withVerdict(work, { apart = [] } = {}) {
  const started = Date.now();
  let done = false;
  process.on('exit', () => {
    if (!done) console.log('\n0 passed, 1 failed, 0 skipped');
  });
  const summary = summarise(await work(), (project) => reportsIn(projectFolder(project)));
  print(summary, started, apart);
  done = true;
  process.exitCode = summary.failures.length > 0 ? 1 : 0;
}
