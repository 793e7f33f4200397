import { execFileSync } from 'node:child_process';

/**
 * Path of a program that a suite needs. Where it is missing the suite is skipped with the reason printed, except under
 * `CI=true`, where that fails.
 */
export function findTool(name: string, debianPackage: string): string | undefined {
  try {
    return execFileSync('which', [name], { encoding: 'utf8' }).trim();
  } catch {
    const reason = `${name} is missing; install it with: apt-get install ${debianPackage}`;
    if (process.env['CI'] === 'true') throw new Error(reason);
    process.stderr.write(`skipped: ${reason}\n`);
    return undefined;
  }
}
