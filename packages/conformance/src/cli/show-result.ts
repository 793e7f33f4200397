import { showEnvironment } from '../environment.js';
import type { CaseResult, RunResult } from '../run.js';

const WORDS = { passed: 'pass', failed: 'FAIL', gap: 'gap ', 'not-applicable': 'n/a ' } as const;

/** One line of a case; a failure says why in the same line. */
export function showResult(result: CaseResult): string {
  const line = `${WORDS[result.outcome]}  ${result.id}  ${result.durationMilliseconds} ms`;
  if (result.outcome === 'failed') return `${line}  ${result.message}`;
  if (result.outcome === 'gap') return `${line}  until ${result.until}: ${result.reason}`;
  return result.outcome === 'not-applicable' ? `${line}  ${result.reason}` : line;
}

/** The last lines: what is wrong with the run, and the count of everything. */
export function showSummary({ driver, results, problems, durationMilliseconds, tier, environment }: RunResult): string {
  const of = (outcome: string): number => results.filter((result) => result.outcome === outcome).length;
  const where = showEnvironment(environment);
  const counts = `${of('passed')} passed, ${of('failed')} failed, ${of('gap')} known gaps, ${of('not-applicable')} do not apply`;
  const { name, version } = driver.manifest;
  const last = `${name} ${version} on ${where} (${tier}): ${counts}, ${(durationMilliseconds / 1000).toFixed(1)} s`;
  return [...problems.map((problem) => `FAIL  ${problem}`), last].join('\n');
}
