import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';

/**
 * Path of a program that a suite needs. Where it is missing the reason is printed, appended to the file that
 * `VIRT_SKIPS_FILE` names, and the answer is undefined; with `CI=true` it throws instead.
 */
export function findTool(name: string, debianPackage: string): string | undefined {
  try {
    return execFileSync('which', [name], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    const reason = `${name} is missing; install it with: apt-get install ${debianPackage}`;
    if (process.env['CI'] === 'true') throw new Error(reason);
    process.stderr.write(`skipped: ${reason}\n`);
    if (process.env['VIRT_SKIPS_FILE']) appendFileSync(process.env['VIRT_SKIPS_FILE'], `${reason}\n`);
    return undefined;
  }
}

// What this uses of the test runner's globals; jest has them, and so have its relatives.
declare const describe: ((title: string, declare: () => void) => void) & {
  skip(title: string, declare: () => void): void;
};
declare const it: (title: string, run: () => void) => void;

const SKIPPED = '[skipped: printed by findTool]';
const neverRuns = (): never => {
  throw new Error('Declared to be skipped, and run nevertheless.');
};

/**
 * Declares tests that need programs, whose paths they get. Where one is missing, one skipped case stands for all of them,
 * for jest fails a file without any; `findTool` has printed why by then, and with `CI=true` it threw.
 */
export function describeWithTools<Name extends string>(
  title: string,
  tools: Readonly<Record<Name, string | undefined>>,
  declare: (tools: Readonly<Record<Name, string>>) => void,
): void {
  if (allFound(tools)) describe(title, () => declare(tools));
  else describe.skip(`${title} ${SKIPPED}`, () => it('needs a program', neverRuns)); // Not in CI; `findTool` printed why.
}

const allFound = <Name extends string>(
  tools: Readonly<Record<Name, string | undefined>>,
): tools is Readonly<Record<Name, string>> => Object.values(tools).every((path) => path !== undefined);
