// `node tools/ci/test/replay/replay.mjs [count]`: a year of changes to drivers, and what the plan makes of each.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageFiles } from '../../../new-driver/package-files.mjs';
import { sourceFiles } from '../../../new-driver/source-files.mjs';
import { environment } from '../../../setup/steps.mjs';
import { affectedProjects } from '../../affected.mjs';
import { driverNames, planOf } from '../../plan.mjs';
import { projects } from '../../projects.mjs';
import { commitAll, git, scratchWorkspace } from '../../scratch.mjs';
import { platforms, playHistory } from './history.mjs';
import { oracleFor } from './oracle.mjs';

/** Drivers that are not written yet are what the generator makes. */
function addMissingDrivers(folder) {
  for (const platform of platforms) {
    const target = join(folder, 'packages', `driver-${platform}`);
    if (existsSync(target)) continue;
    for (const [path, text] of Object.entries({ ...packageFiles(platform), ...sourceFiles(platform) })) {
      mkdirSync(dirname(join(target, path)), { recursive: true });
      writeFileSync(join(target, path), text);
    }
  }
}

const environmentIn = (folder, base = '') => ({
  ...environment(),
  GITHUB_OUTPUT: '',
  CI_BASE: base,
  NX_WORKSPACE_ROOT_PATH: folder,
});

function runIn(folder, args, base) {
  const env = environmentIn(folder, base);
  const { status, stdout, stderr } = spawnSync('node', args, { cwd: folder, env, encoding: 'utf8', timeout: 120_000 });
  if (status !== 0) throw new Error(`node ${args.join(' ')} failed in ${folder}: ${stderr.trim() || stdout.trim()}`);
  return stdout;
}

/** What the command that CI runs says of one commit of each kind. */
function commandSays(folder, commits) {
  const samples = [...new Map(commits.map((each) => [each.kind, each])).values()];
  return samples.map(({ base, head, plan }) => {
    git(folder, 'checkout', '-q', head);
    const output = runIn(folder, ['tools/ci/plan.mjs'], base);
    return {
      expected: `any=${plan.any}\ncore=${plan.core}\ndrivers=${JSON.stringify(plan.drivers)}`,
      said: output.trim(),
    };
  });
}

/** Plays the history and returns every commit with its plan, and with what the manifests say. */
export function replay(count = 200) {
  const { folder, close } = scratchWorkspace();
  try {
    addMissingDrivers(folder);
    let base = commitAll(folder, 'all drivers');
    const commit = (kind, index) => {
      const head = commitAll(folder, `${kind} ${index}`);
      const paths = git(folder, 'diff', '--name-only', base, head).trim().split('\n');
      const made = { kind, base, head, paths };
      base = head;
      return made;
    };
    const history = playHistory(folder, { count, commit });
    const ranges = history.map((each) => ({ base: each.base, head: each.head }));
    const affected = affectedProjects(ranges, { cwd: folder, env: environmentIn(folder) });
    const drivers = driverNames(projects(folder));
    const oracle = oracleFor(folder);
    const commits = history.map((each, index) => {
      const plan = { affected: affected[index], ...planOf(affected[index], drivers) };
      return { ...each, plan, expected: oracle(each.paths) };
    });
    return { drivers, commits, command: commandSays(folder, commits) };
  } finally {
    close();
  }
}

const hypervisors = platforms.map((platform) => `@virt-drivers/driver-${platform}`);
const suitesOf = (commits) => commits.flatMap(({ plan }) => plan.drivers.filter((name) => hypervisors.includes(name)));

/** Suites that a commit can break and its plan leaves out. */
export const missedBy = ({ plan, expected }) => expected.filter((name) => !plan.affected.includes(name));

/** Of the hypervisors' driver suites, the part that did not have to run. */
export const savedBy = (commits) => 1 - suitesOf(commits).length / (commits.length * hypervisors.length);

/** One line per kind of commit. */
export function replayTable(commits) {
  const line = (cells) =>
    cells
      .map((cell, index) =>
        String(cell)
          .padStart(index === 0 ? 0 : 14)
          .padEnd(10),
      )
      .join('');
  const row = (what, some) => [
    what,
    some.length,
    some.length * hypervisors.length,
    suitesOf(some).length,
    `${(100 * savedBy(some)).toFixed(1)} %`,
    some.flatMap(missedBy).length,
  ];
  const kinds = ['driver', 'several', 'core'];
  return [
    line(['touches', 'commits', 'driver suites', 'planned', 'saved', 'missed']),
    ...kinds.map((kind) =>
      line(
        row(
          kind,
          commits.filter((each) => each.kind === kind),
        ),
      ),
    ),
    line(row('all', commits)),
  ].join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { commits } = replay(Number(process.argv[2] ?? 200));
  console.log(replayTable(commits));
  process.exitCode = commits.flatMap(missedBy).length > 0 ? 1 : 0;
}
