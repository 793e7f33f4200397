import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';

/**
 * Path of a program that a suite needs. Where it is missing the reason is printed, appended to the file that
 * `VIRT_SKIPS_FILE` names, and the answer is undefined, for `describe.skip`; with `CI=true` it throws instead.
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
