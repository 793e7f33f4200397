// One CI job: `--project <name>` runs that project's suites; without it, all that the plan has except the drivers.
import { prepare } from '../setup/setup.mjs';
import { matrixTask } from './matrix.mjs';
import { makePlan, planLine } from './plan.mjs';
import { gapTask, runProjects } from './tasks.mjs';
import { withVerdict } from './verdict.mjs';

function selection() {
  const at = process.argv.indexOf('--project');
  if (at >= 0) return [process.argv[at + 1]];
  const plan = makePlan();
  console.log(`\n${planLine(plan)}`);
  return plan.affected.filter((name) => !plan.drivers.includes(name));
}

await withVerdict(async () => {
  const gaps = await prepare();
  const chosen = selection();
  return [gapTask(gaps), ...runProjects(chosen), await matrixTask(chosen)];
});
