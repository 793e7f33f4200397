// Which suites can this change break? Without a base, or when the graph cannot tell, the answer is: all of them.
// `node tools/ci/plan.mjs [--base <commit>]`; CI names the base in CI_BASE.
import { appendFileSync } from 'node:fs';
import { affectedProjects } from './affected.mjs';
import { knownBase } from './base.mjs';
import { projects } from './projects.mjs';

const names = (all) => all.map(({ manifest }) => manifest.name).sort();

/** The names of all drivers. */
export const driverNames = (all = projects()) =>
  names(all.filter(({ manifest }) => manifest.virtDrivers?.kind === 'driver'));

/** The job inputs that follow from the affected projects. */
export function planOf(affected, drivers) {
  const chosen = drivers.filter((name) => affected.includes(name));
  return {
    any: affected.some((name) => !chosen.includes(name)),
    core: affected.includes('@virt-drivers/core'),
    drivers: chosen,
  };
}

function affectedSince({ base, reason }) {
  if (!base) return { reason, affected: names(projects()) };
  try {
    return { base, affected: affectedProjects([{ base }])[0] };
  } catch (error) {
    return { reason: `the projects affected since ${base} are unknown: ${error.message}`, affected: names(projects()) };
  }
}

/**
 * The plan of CI, of `npm test` and of a laptop.
 * @returns {{affected: string[], any: boolean, core: boolean, drivers: string[], base?: string, reason?: string}} `reason`:
 *   why everything runs
 */
export function makePlan(args, env) {
  const found = affectedSince(knownBase(args, env));
  return { ...found, ...planOf(found.affected, driverNames()) };
}

/** What the plan is, for people: which suites, and why. */
export function planLine({ base, reason, affected }) {
  if (!base) return `everything runs: ${reason}`;
  const short = affected.map((name) => name.replace(/^@[^/]+\//, ''));
  return `${short.length} project(s) are affected since ${base}: ${short.join(', ') || 'none'}`;
}

if (process.argv[1]?.endsWith('plan.mjs')) {
  const plan = makePlan();
  const lines = `any=${plan.any}\ncore=${plan.core}\ndrivers=${JSON.stringify(plan.drivers)}\n`;
  if (process.env.GITHUB_OUTPUT) appendFileSync(process.env.GITHUB_OUTPUT, lines);
  console.error(planLine(plan));
  console.log(lines.trim());
}
