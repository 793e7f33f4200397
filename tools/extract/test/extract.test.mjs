import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { extract } from '../extract.mjs';
import { typecheckRest, workspaceWithout } from '../src/without.mjs';

it('a driver stands alone: packed dependencies, npm, build, tests, conformance', () => {
  const { passed, skipped } = extract('@virt-drivers/driver-memory', { quick: true });
  expect(passed).toBeGreaterThan(100);
  expect(skipped).toBe(0);
}, 600_000);

describe('without a driver, its library and its tools', () => {
  let rest;
  beforeAll(() => {
    rest = workspaceWithout('@virt-drivers/driver-libvirt');
  }, 120_000);
  afterAll(() => rest?.close());

  it('the rest has all its types', () => {
    expect(rest.removed).toContain('@virt-drivers/libvirt');
    typecheckRest(rest);
  }, 300_000);

  it('a package that imports it is noticed', () => {
    appendFileSync(join(rest.folder, 'packages/cli/src/index.ts'), "export * from '@virt-drivers/driver-libvirt';\n");
    expect(() => typecheckRest(rest, ['packages/cli'])).toThrow("Cannot find module '@virt-drivers/driver-libvirt'");
  }, 300_000);
});
