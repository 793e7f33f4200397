import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRegistry } from '@virt-drivers/registry';
import { pack } from '../../ci/pack.mjs';
import { root } from '../../setup/pnpm.mjs';
import { packageName, rehearse } from '../rehearse.mjs';
import { publishFile, publishedIntegrity } from '../src/publish-files.mjs';
import { proofSet, provers, unreleased } from '../src/release-set.mjs';

it('a driver and a command are packed, proven, published, installed and used', async () => {
  await rehearse(['@virt-drivers/driver-memory', '@virt-drivers/conformance']);
}, 600_000);

it.each(['driver-memory', '@virt-drivers/driver-memory'])('%s names a package that is published', (text) => {
  expect(packageName(text)).toBe('@virt-drivers/driver-memory');
  expect(() => packageName('peers')).toThrow('"peers" is no package that is published; say one of');
});

describe('publication', () => {
  const folder = mkdtempSync(join(tmpdir(), 'publish-'));
  let registry;
  beforeAll(async () => {
    registry = await startRegistry();
  }, 120_000);
  afterAll(async () => {
    await registry?.stop();
    rmSync(folder, { recursive: true });
  });

  it('may be repeated, but never with other bytes', () => {
    const file = pack(join(root, 'packages', 'core'), join(folder, 'core.tgz'));
    const env = registry.environment;
    const name = { name: '@virt-drivers/core', version: '0.1.0', file };
    expect(() => publishFile({ ...name, integrity: 'sha512-other' }, { env })).toThrow('not as sha512-other');
    const integrity = publishedIntegrity(name, env);
    expect(publishFile({ ...name, integrity }, { env })).toBe('was there');
    expect(() => publishFile({ ...name, integrity: 'sha512-other' }, { env })).toThrow('with other bytes');
  }, 120_000);
});

describe('what a release consists of', () => {
  const project = (name, kind, rest = {}) => ({
    folder: name,
    manifest: { name: `@virt-drivers/${name}`, version: '1.0.0', virtDrivers: { kind }, ...rest },
  });
  const tool = project('peers', 'tool', { private: true });
  const driver = project('driver-x', 'driver', {
    dependencies: { '@virt-drivers/x': '*' },
    peerDependencies: { '@virt-drivers/core': '*' },
    devDependencies: { '@virt-drivers/peers': '*' },
  });
  const all = [project('core', 'core'), project('x', 'library'), project('conformance', 'conformance'), tool, driver];

  it('is the driver, what it needs and the suite, and nothing private', () => {
    expect(proofSet(all, '@virt-drivers/driver-x').map(({ folder }) => folder)).toEqual([
      'driver-x',
      'conformance',
      'core',
      'x',
    ]);
  });

  it('is proven by its drivers, or else by those that need no peer', () => {
    const memory = project('driver-memory', 'driver');
    const provedBy = (...names) =>
      provers(
        [...all, memory],
        names.map((name) => `@virt-drivers/${name}`),
        (each) => each === memory,
      ).map(({ folder }) => folder);
    expect(provedBy('core', 'driver-x')).toEqual(['driver-x']);
    expect(provedBy('core')).toEqual(['driver-memory']);
    expect(provedBy('conformance', 'x')).toEqual(['driver-memory']);
    expect(provedBy('x')).toEqual([]);
  });

  it('is what has no tag', () => {
    const tags = ['@virt-drivers/core@1.0.0', '@virt-drivers/x@0.9.0'];
    const names = unreleased(all, (tag) => tags.includes(tag)).map(({ folder }) => folder);
    expect(names).toEqual(['x', 'conformance', 'driver-x']);
  });
});
