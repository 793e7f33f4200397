import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root } from '../../setup/pnpm.mjs';

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** What a file imports when it is loaded, itself and through others; imports inside of functions come later. */
function loadedBy(file, seen = new Map()) {
  const text = readFileSync(file, 'utf8');
  const specifiers = [...text.matchAll(/^(?:import|export)\s+(?:[\w{},*\s]+\sfrom\s+)?['"]([^'"]+)['"];$/gm)].map(
    ([, name]) => name,
  );
  seen.set(file, specifiers);
  for (const name of specifiers.filter((each) => each.startsWith('.'))) {
    const next = join(dirname(file), name);
    if (!seen.has(next)) loadedBy(next, seen);
  }
  return seen;
}

it.each(['setup', 'test', 'lint', 'bench', 'demo', 'ci:job', 'lock'])(
  'npm run %s starts before anything is installed',
  (name) => {
    const file = join(root, /^node (\S+)/.exec(scripts[name])[1]);
    const foreign = [...loadedBy(file)].flatMap(([from, specifiers]) =>
      specifiers.filter((each) => !/^(\.|node:)/.test(each)).map((each) => `${relative(root, from)}: ${each}`),
    );
    expect(foreign).toEqual([]);
  },
);

it('a package that is imported on the way would be noticed', () => {
  const [...all] = loadedBy(join(root, 'tools/release/check.mjs')).values();
  expect(all.flat()).toContain('semver');
});
