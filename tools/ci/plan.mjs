// Which suites can this change break? Without CI_BASE, or when the graph cannot tell, the answer is: all of them.
import { appendFileSync } from 'node:fs';
import { projectNames } from './nx.mjs';

/** The job inputs that follow from the affected projects. */
export function planOf(affected, drivers) {
  const chosen = drivers.filter((name) => affected.includes(name));
  return {
    any: affected.some((name) => !chosen.includes(name)),
    core: affected.includes('@virt-drivers/core'),
    drivers: chosen,
  };
}

function affectedSince(base) {
  if (!base) return projectNames();
  try {
    return projectNames({ base });
  } catch (error) {
    console.error(`The projects affected since ${base} are unknown, so everything runs: ${error.message}`);
    return projectNames();
  }
}

if (process.argv[1]?.endsWith('plan.mjs')) {
  const plan = planOf(affectedSince(process.env.CI_BASE), projectNames({ tag: 'kind:driver' }));
  const lines = `any=${plan.any}\ncore=${plan.core}\ndrivers=${JSON.stringify(plan.drivers)}\n`;
  if (process.env.GITHUB_OUTPUT) appendFileSync(process.env.GITHUB_OUTPUT, lines);
  console.log(lines.trim());
}
