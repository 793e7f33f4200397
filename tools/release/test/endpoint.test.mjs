import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projects } from '../../ci/projects.mjs';
import { buildsForPeers, endpointFor, needsNoPeer } from '../src/endpoint.mjs';

const folder = mkdtempSync(join(tmpdir(), 'endpoint-'));
afterAll(() => rmSync(folder, { recursive: true }));
const find = (name) => projects().find(({ manifest }) => manifest.name === name);

describe('where a driver is proven', () => {
  it('is what its package names, with its known gaps', async () => {
    const memory = find('@virt-drivers/driver-memory');
    expect(needsNoPeer(memory)).toBe(true);
    const { args } = await endpointFor(memory);
    expect(args.slice(0, 4)).toEqual(['--target', expect.stringMatching(/^memory:/), '--tier', 'memory']);
  });

  it('is what the settings of an old release name, not those of the tree', async () => {
    mkdirSync(join(folder, 'test'), { recursive: true });
    writeFileSync(join(folder, 'conformance.config.json'), '{"target":"memory://old","tier":"memory"}');
    writeFileSync(join(folder, 'test', 'known-gaps.json'), '[]');
    const { args } = await endpointFor({ ...find('@virt-drivers/driver-memory'), folder });
    expect(args).toContain('memory://old');
    expect(args).toContain(join(folder, 'test', 'known-gaps.json'));
  });

  it('must be somewhere', async () => {
    const manifest = { name: '@virt-drivers/driver-nowhere' };
    await expect(endpointFor({ folder: join(folder, 'none'), manifest })).rejects.toThrow(
      'driver-nowhere has neither a conformance.config.json nor a test/conformance-peer.mjs',
    );
  });

  it('needs what the tests of the driver use to be built', () => {
    const project = (name, devDependencies = {}) => ({ manifest: { name, devDependencies } });
    const all = [project('driver-x', { peers: '*', jest: '*' }), project('driver-y', { peers: '*' }), project('peers')];
    expect(buildsForPeers(['driver-x', 'driver-y'], all)).toEqual(['peers']);
  });
});
