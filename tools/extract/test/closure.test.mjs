import { belongingTo, closureOf, danglingUsers } from '../src/closure.mjs';
import { driverName } from '../extract.mjs';
import { standaloneManifest } from '../src/standalone.mjs';

const scope = (names) => Object.fromEntries(names.map((name) => [`@virt-drivers/${name}`, 'workspace:*']));
const project = (name, lists = {}, virtDrivers = {}) => ({
  folder: `packages/${name}`,
  manifest: { name: `@virt-drivers/${name}`, version: '1.0.0', virtDrivers, ...lists },
});
const driver = { kind: 'driver', platform: 'x' };
const projects = [
  project('core'),
  project('x', { devDependencies: scope(['peers']) }, { kind: 'library', platform: 'x' }),
  project(
    'driver-x',
    { dependencies: scope(['x']), peerDependencies: scope(['core']), devDependencies: scope(['suite']) },
    driver,
  ),
  project('suite', { peerDependencies: scope(['core']), devDependencies: scope(['driver-x']) }),
  project('peers'),
];

describe('what a driver takes along', () => {
  it('is what it needs, and what that needs to run', () => {
    const names = ['core', 'suite', 'x'].map((name) => `@virt-drivers/${name}`);
    expect(closureOf(projects, '@virt-drivers/driver-x')).toEqual(names);
    expect(() => closureOf(projects, '@virt-drivers/driver-y')).toThrow('driver-y is no package');
  });

  it('comes from tarballs only, also when another package asks for it', () => {
    const tarballs = { '@virt-drivers/x': 'file:packed/x.tgz', '@virt-drivers/core': 'file:packed/core.tgz' };
    const manifest = { dependencies: { ...scope(['x']), zod: '4.0.0' }, devDependencies: { tool: 'catalog:' } };
    const alone = standaloneManifest(manifest, tarballs, { tool: '2.0.0', typescript: '5.9.3' });
    expect(alone.dependencies).toEqual({ '@virt-drivers/x': 'file:packed/x.tgz', zod: '4.0.0' });
    expect(alone.devDependencies).toMatchObject({ '@virt-drivers/core': 'file:packed/core.tgz', tool: '2.0.0' });
  });
});

describe('what goes with a driver', () => {
  const removed = belongingTo(projects, '@virt-drivers/driver-x');

  it('is its package and its library', () => {
    expect(removed.map(({ folder }) => folder)).toEqual(['packages/x', 'packages/driver-x']);
    expect(() => belongingTo(projects, '@virt-drivers/core')).toThrow('no driver');
  });

  it('must be needed by nobody who stays', () => {
    expect(danglingUsers(projects, removed)).toEqual(['@virt-drivers/suite depends on @virt-drivers/driver-x']);
  });
});

it.each(['memory', 'driver-memory', '@virt-drivers/driver-memory'])('%s names a driver', (text) => {
  expect(driverName(text)).toBe('@virt-drivers/driver-memory');
  expect(() => driverName('../x')).toThrow('is no driver');
});
