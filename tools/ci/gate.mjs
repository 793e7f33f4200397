// The one required check: every job succeeded, or was skipped because the plan had nothing for it.
// Input: the `needs` context of the gate job as JSON in NEEDS.
const expected = {
  core: (outputs) => outputs.any === 'true',
  nodes: (outputs) => outputs.any === 'true',
  driver: (outputs) => outputs.drivers !== '[]',
  'old-drivers': (outputs) => outputs.core === 'true',
};

/** Why a run must not be merged; empty when it may. */
export function gateProblems(needs) {
  if (needs.plan?.result !== 'success') return [`plan: ${needs.plan?.result ?? 'missing'}`];
  return Object.entries(expected).flatMap(([job, wasNeeded]) => {
    const result = needs[job]?.result ?? 'missing';
    if (result === 'success') return [];
    if (result === 'skipped' && !wasNeeded(needs.plan.outputs ?? {})) return [];
    return [`${job}: ${result}`];
  });
}

if (process.argv[1]?.endsWith('gate.mjs')) {
  const problems = gateProblems(JSON.parse(process.env.NEEDS ?? '{}'));
  for (const problem of problems) console.error(problem);
  console.log(problems.length === 0 ? 'gate: open' : 'gate: closed');
  process.exitCode = problems.length > 0 ? 1 : 0;
}
