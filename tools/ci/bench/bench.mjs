// What a change waits for, however small: the plan, a run of every target that has nothing to do, and which part of a whole run a
// change of one driver needs, by the times that `npm test` left. `--targets=build,lint`: only these in the second. `--full` runs
// everything anew for the third, without the cache, which takes as long as `npm test`.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { root } from '../../setup/pnpm.mjs';
import { environment, must } from '../../setup/steps.mjs';
import { targets } from '../targets.mjs';
import { runEverything, shareOfDrivers } from './share.mjs';

const chosen =
  process.argv.find((each) => each.startsWith('--targets='))?.slice('--targets='.length) ?? targets.join(',');
const everything = ['run-many', '-t', chosen, '--parallel=2', '--outputStyle=static'];

// Of all children that ended: on a machine that others use, the only number that says something.
function processorSeconds() {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ');
  const TICKS_PER_SECOND = 100;
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}

/** How long a program took, and of how much processor time it was. */
function timeOf(command, args, env) {
  const [started, used] = [performance.now(), processorSeconds()];
  const { status, stderr } = spawnSync(command, args, {
    cwd: root,
    env: { ...environment(), GITHUB_OUTPUT: '', ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 600_000,
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr.trim()}`);
  return { wall: (performance.now() - started) / 1000, processor: processorSeconds() - used };
}

const inSeconds = (what, limit, { wall, processor }) => ({
  what,
  met: wall <= limit,
  text: `${wall.toFixed(1)} s (${processor.toFixed(1)} s of processor time), budget ${limit} s`,
});

function withoutAChange() {
  // Whatever is not in the cache yet is made here, unmeasured.
  must('nx', everything);
  return [
    inSeconds('the plan of a change', 5, timeOf('node', [join('tools', 'ci', 'plan.mjs')], { CI_BASE: 'HEAD~1' })),
    inSeconds(`no change, ${chosen}`, 10, timeOf('nx', everything)),
  ];
}

if (process.argv.includes('--full')) runEverything();
const rows = [...withoutAChange(), ...shareOfDrivers()];
// What others did on this machine meanwhile makes every number larger.
console.log(`load ${loadavg()[0].toFixed(1)} on ${availableParallelism()} processors`);
const width = Math.max(...rows.map(({ what }) => what.length));
for (const { what, met, text } of rows) {
  console.log(`${what.padEnd(width)}  ${text}: ${met ? 'met' : 'MISSED'}`);
  if (!met) process.exitCode = 1;
}
