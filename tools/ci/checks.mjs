// `node tools/ci/checks.mjs`: the rules over the whole tree that belong to no project. CI, `npm run lint` and `npm test` ask
// the same ones.
import { pathToFileURL } from 'node:url';
import { run } from '../setup/steps.mjs';

/** Name, command and arguments of each. */
export const checks = [
  ['format', 'node', ['tools/ci/format.mjs']],
  ['manifests', 'sherif', ['--fail-on-warnings']],
  ['repo-lint', 'node', ['tools/repo-lint/main.mjs']],
  ['versions', 'node', ['tools/release/check.mjs']],
  ['compatibility', 'node', ['tools/release/compatibility.mjs', '--check']],
];

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const failed = checks.filter(([, command, args]) => run(command, args) !== 0);
  for (const [name, command, args] of failed) console.error(`failed: ${name}: ${command} ${args.join(' ')}`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}
