import { Linter } from 'eslint';
import { join } from 'node:path';
import tseslint from 'typescript-eslint';
import { repoPlugin } from '../src/eslint-plugin.mjs';
import { sampleTree } from './sample-tree.mjs';

const manifest = (name, virtDrivers) => JSON.stringify({ name: `@virt-drivers/${name}`, virtDrivers });
const root = sampleTree({
  'packages/core/package.json': manifest('core', { kind: 'core' }),
  'packages/compute/package.json': manifest('compute', { kind: 'compute' }),
  'packages/driver-x/package.json': manifest('driver-x', { kind: 'driver', platform: 'x' }),
});

function lint(file, code) {
  const names = ['import-rule', 'file-name', 'whole-facet'];
  const rules = Object.fromEntries(names.map((name) => [`virt-drivers/${name}`, 'error']));
  const languageOptions = file.endsWith('.ts') ? { parser: tseslint.parser } : {};
  const linter = new Linter({ cwd: root });
  return linter
    .verify(
      code,
      [{ files: ['**/*.js', '**/*.ts'], plugins: { 'virt-drivers': repoPlugin(root) }, rules, languageOptions }],
      join(root, file),
    )
    .map(({ message }) => message);
}

describe('the lint rules', () => {
  it('accept what the import rule allows', () => {
    expect(lint('packages/compute/src/spawn.js', "import { a } from '@virt-drivers/core/kit';")).toEqual([]);
  });

  it.each([
    "import { a } from '@virt-drivers/driver-x';",
    "export * from '@virt-drivers/driver-x';",
    "await import('@virt-drivers/driver-x');",
  ])('stop %s', (code) => {
    expect(lint('packages/compute/src/spawn.js', code)).toHaveLength(1);
  });

  it('stop a path into another package', () => {
    expect(lint('packages/compute/src/spawn.js', "import { a } from '../../core/src/index.js';")).toHaveLength(1);
  });

  describe('of whole facets', () => {
    const facet = (type) => `import type { FacetAs, Hosts } from '@virt-drivers/core'; export type A = ${type};`;
    const file = 'packages/driver-x/src/hosts.ts';

    it.each(['Required<Hosts>', "Required<Omit<Hosts, 'usage'>>"])('stop %s in a driver', (type) => {
      expect(lint(file, facet(type))).toEqual([expect.stringContaining("FacetAs<'hosts', typeof capabilities.hosts>")]);
    });

    it.each(["FacetAs<'hosts', object>", "Required<Pick<Hosts, 'usage'>>"])('accept %s', (type) => {
      expect(lint(file, facet(type))).toEqual([]);
    });

    it('accept what only has the name of one, and who only uses one', () => {
      expect(lint(file, "import type { Hosts } from './hosts.js'; export type A = Required<Hosts>;")).toEqual([]);
      expect(lint('packages/driver-x/test/hosts.test.ts', facet('Required<Hosts>'))).toEqual([]);
      expect(lint('packages/compute/src/hosts.ts', facet('Required<Hosts>'))).toEqual([]);
    });
  });

  it.each(['utils.js', 'SpawnFlow.js'])('stop the file name %s', (name) => {
    expect(lint(`packages/compute/src/${name}`, 'export {};')).toHaveLength(1);
  });
});
