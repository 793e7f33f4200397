import { Linter } from 'eslint';
import { join } from 'node:path';
import { repoPlugin } from '../src/eslint-plugin.mjs';
import { sampleTree } from './sample-tree.mjs';

const manifest = (name, virtDrivers) => JSON.stringify({ name: `@virt-drivers/${name}`, virtDrivers });
const root = sampleTree({
  'packages/core/package.json': manifest('core', { kind: 'core' }),
  'packages/compute/package.json': manifest('compute', { kind: 'compute' }),
  'packages/driver-x/package.json': manifest('driver-x', { kind: 'driver', platform: 'x' }),
});

function lint(file, code) {
  const rules = { 'virt-drivers/import-rule': 'error', 'virt-drivers/file-name': 'error' };
  const linter = new Linter({ cwd: root });
  return linter
    .verify(code, [{ plugins: { 'virt-drivers': repoPlugin(root) }, rules }], join(root, file))
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

  it.each(['utils.js', 'SpawnFlow.js'])('stop the file name %s', (name) => {
    expect(lint(`packages/compute/src/${name}`, 'export {};')).toHaveLength(1);
  });
});
