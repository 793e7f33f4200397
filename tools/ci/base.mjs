// What a change is compared with. A base is only used where somebody names it: a clone cannot know by itself what of it
// was tested already, and a wrong guess would leave suites out.
import { root } from '../setup/pnpm.mjs';
import { commitOf, gitAnswer } from './git-answer.mjs';

const git = (...args) => gitAnswer(root, ...args)?.trim();

/** `--base <commit>`, or CI_BASE as CI sets it. */
export function namedBase(args = process.argv.slice(2), env = process.env) {
  const at = args.indexOf('--base');
  return (at < 0 ? env.CI_BASE : args[at + 1]) || undefined;
}

/**
 * The commit that the change begins at.
 * @returns {{base: string} | {reason: string}} the reason why everything has to run
 */
export function knownBase(args = process.argv.slice(2), env = process.env) {
  const named = namedBase(args, env);
  if (!named) return { reason: 'no base is named by --base or CI_BASE' };
  const commit = commitOf(root, named);
  if (!commit) return { reason: `the base ${named} is not in this clone (git fetch --unshallow)` };
  const base = git('merge-base', commit, 'HEAD');
  if (!base) return { reason: `the base ${named} and HEAD have no commit in common in this clone` };
  const isUnchanged = base === commitOf(root, 'HEAD') && git('status', '--porcelain') === '';
  return isUnchanged
    ? { reason: `nothing differs from the base ${named}, so it says nothing about this tree` }
    : { base };
}
