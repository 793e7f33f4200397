// Reads what a run left behind: the tasks nx ran, the cases of each suite, the reasons for what did not run.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const readJson = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined);
const readLines = (file) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []);

const count = (cases, outcome) => cases.filter((each) => each.outcome === outcome).length;
const tally = (cases) => ({
  passed: count(cases, 'passed'),
  failed: count(cases, 'failed'),
  skipped: count(cases, 'skipped'),
});

/** One finished task as counted cases: a suite counts its cases, anything else is one check. */
export function taskCases(task, reports) {
  if (task.cases) return task.cases;
  const ran = task.status !== 'skipped';
  const cases = ran ? reports(task) : [];
  const failures = cases.filter((each) => each.outcome === 'failed');
  if (task.status === 'failure' && failures.length === 0) {
    return [...cases, { name: `${task.target} failed`, outcome: 'failed' }];
  }
  if (!ran) return [{ name: task.target, outcome: 'skipped', reason: 'a task it depends on failed' }];
  if (cases.length > 0 || task.target === 'test') return cases;
  return [{ name: task.target, outcome: 'passed' }];
}

// What a driver does not claim cannot be proven there, and a known gap is not proven yet: neither counts as passed.
// A case about the lack of something is no case where that something is there.
function conformanceCases({ results = [], problems = [] } = {}) {
  const applicable = results.filter(({ because }) => because !== 'present');
  return [
    ...applicable.map(({ id, outcome, reason }) =>
      outcome === 'passed' || outcome === 'failed' ? { name: id, outcome } : { name: id, outcome: 'skipped', reason },
    ),
    ...problems.map((problem) => ({ name: problem, outcome: 'failed' })),
  ];
}

/** Reads the reports that a project's suites left in its temp folder. */
export function reportsIn(folder) {
  return ({ target }) => {
    if (target === 'conformance') return conformanceCases(readJson(join(folder, 'temp', 'conformance.json')));
    if (target === 'node-versions') return readJson(join(folder, 'temp', 'node-versions.json')) ?? [];
    if (target !== 'test') return [];
    const reasons = readLines(join(folder, 'temp', 'skips.txt'));
    return (readJson(join(folder, 'temp', 'jest.json')) ?? []).map((each) => ({
      ...each,
      name: `${each.file}: ${each.name}`,
      reason: each.outcome === 'skipped' ? reasonOf(each.name, reasons) : undefined,
    }));
  };
}

/** A skipped test says why in its title, `… [skipped: reason]`, or through the file of skip reasons. */
export function reasonOf(name, reasons) {
  return /\[skipped: ([^\]]+)\]/.exec(name)?.[1] ?? ([...new Set(reasons)].join(' ') || undefined);
}

/** Adds up one run: a row per project and target, the failures, and the reasons for what was skipped. */
export function summarise(tasks, reportsOf) {
  const rows = tasks.map((task) => {
    const cases = taskCases(task, reportsOf(task.project));
    return { project: task.project, target: task.target, milliseconds: task.milliseconds, cases, ...tally(cases) };
  });
  const all = rows.flatMap((row) => row.cases.map((each) => ({ ...each, project: row.project })));
  const unexplained = all.filter((each) => each.outcome === 'skipped' && !each.reason);
  return {
    rows,
    failures: [
      ...all.filter((each) => each.outcome === 'failed'),
      ...unexplained.map((each) => ({ ...each, name: `${each.name} was skipped without a reason` })),
    ],
    skips: all.filter((each) => each.outcome === 'skipped' && each.reason),
    passed: count(all, 'passed'),
  };
}
