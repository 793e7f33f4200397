// `npm test [-- --base <commit>]`: all that the changes since the base can break, from a fresh clone to one verdict. Without a
// base that is everything. The last line is `N passed, N failed, N skipped`.
import { prepare } from '../setup/setup.mjs';
import { checks } from './checks.mjs';
import { matrixTask } from './matrix.mjs';
import { makePlan, planLine } from './plan.mjs';
import { gapTask, runProjects, step } from './tasks.mjs';
import { withVerdict } from './verdict.mjs';

await withVerdict(async () => {
  const gaps = prepare();
  const plan = makePlan();
  console.log(`\n${planLine(plan)}`);
  return [
    gapTask(gaps),
    ...checks.map(([name, command, args]) => step(name, command, args)),
    ...runProjects(plan.affected),
    await matrixTask(plan.affected),
    // What only a part of the packages was packed for is packed here.
    ...(plan.any ? [step('node-versions', 'node', ['tools/ci/node-matrix.mjs', '--quick', '--pack'])] : []),
  ];
});
