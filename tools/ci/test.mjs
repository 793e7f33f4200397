// `npm test [-- --base <commit>]`: all that the changes since the base can break, from a fresh clone to one verdict. Without a
// base that is everything. The last line is `N passed, N failed, N skipped`.
import { root } from '../setup/pnpm.mjs';
import { prepare } from '../setup/setup.mjs';
import { checks } from './checks.mjs';
import { matrixTask } from './matrix.mjs';
import { makePlan, planLine } from './plan.mjs';
import { publicProjects } from './projects.mjs';
import { gapTask, runProjects, step } from './tasks.mjs';
import { withVerdict } from './verdict.mjs';

/** Releases that the versions could not be compared with, as in a shallow clone. */
async function releasesTask() {
  // Not before there are dependencies: nothing of them may be needed to get that far on a fresh clone.
  const { missingReleases } = await import('../release/src/releases.mjs');
  const missing = missingReleases(
    root,
    publicProjects().map(({ manifest }) => manifest.name),
  );
  const cases = missing.map((reason) => ({ name: reason, outcome: 'skipped', reason }));
  return { project: 'workspace', target: 'releases', status: 'success', cases };
}

/** Suites that take too long, or need too much, for every run. */
const apart = [
  { command: 'npm run test:storage', what: 'volumes in Ceph, and more of LVM and of iSCSI by the host' },
  { command: 'npm run test:modular', what: 'the bindings on modular daemons, built from source' },
  { command: 'npm run test:flows', what: 'instances on a real libvirtd, fifty at once, and killed after every step' },
];

await withVerdict(
  async () => {
    const gaps = await prepare();
    const plan = makePlan();
    console.log(`\n${planLine(plan)}`);
    return [
      gapTask(gaps),
      ...checks.map(([name, command, args]) => step(name, command, args)),
      await releasesTask(),
      ...runProjects(plan.affected),
      await matrixTask(plan.affected),
      // What only a part of the packages was packed for is packed here.
      ...(plan.any ? [step('node-versions', 'node', ['tools/ci/node-matrix.mjs', '--quick', '--pack'])] : []),
    ];
  },
  { apart },
);
