import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mebibytes, poolId, type DiskFormat, type OpenDriver, type PoolId, type Volume } from '@virt-drivers/core';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { join } from 'node:path';
import { driver } from '../src/index.js';
import { contentOf, copy, digestOf, fill, MIB, noise, readVolume } from './backends/content.js';

const peer = await requirePeer(() => startLibvirt({ name: 'unwilling' }));
const plenty = poolId('default');
const LONG = 120_000;
const SPACE_MIB = 16;

/** Pools on file systems of their own, which the peer alone sees: one without room, one that may only be read. */
describeWith('pools that take nothing', peer, (peer) => {
  const place = (name: string): string => join(peer.directory, name);
  let here: OpenDriver;

  async function mountPool(name: string): Promise<PoolId> {
    await peer.exec('mkdir', ['-p', place(name)]);
    await peer.exec('mount', ['-t', 'tmpfs', '-o', `size=${SPACE_MIB}m,mode=711`, 'tmpfs', place(name)]);
    await peer.virsh(['pool-define-as', name, 'dir', '--target', place(name)]);
    await peer.virsh(['pool-start', name]);
    return poolId(name);
  }
  /** All files of a pool with their sizes, as the host's own tools see them. */
  const filesIn = async (pool: string): Promise<string> =>
    (await peer.exec('find', [place(pool), '-type', 'f', '-printf', '%f %s\n'])).stdout.split('\n').sort().join('\n');
  /** Takes room in the pool without libvirt's knowing, as another program would. */
  const takeRoom = (pool: string, mib: number) =>
    peer.exec('fallocate', ['-l', `${mib}MiB`, join(place(pool), 'taken')]);
  const giveRoom = (pool: string) => peer.exec('rm', ['-f', join(place(pool), 'taken')]);
  const codeOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => 'done').catch((error: unknown) => error);
  const volumeIn = (pool: PoolId, name: string, mib: bigint, format: DiskFormat): Promise<Volume> =>
    fill(here, { pool, name, format, content: contentOf(noise(Number(mib * MIB), name)) });

  beforeAll(async () => {
    here = await driver.open({ target: peer.uri, options: { virtType: 'qemu' } });
  }, LONG);
  afterAll(async () => {
    await here.close();
    await peer.stop();
  }, LONG);

  it(
    'a pool without room refuses every way of needing some, by POOL.FULL, and is as it was',
    async () => {
      const pool = await mountPool('full');
      const old = await volumeIn(pool, 'old', 2n, 'raw');
      const large = await volumeIn(plenty, 'large', 12n, 'raw');
      const image = contentOf(noise(Number(10n * MIB), 'image'));
      const half = contentOf(noise(Number(6n * MIB), 'half'));
      // Libvirt counts now, and does not see what goes after this.
      await peer.virsh(['pool-refresh', 'full']);
      await takeRoom('full', 8);
      const before = await filesIn('full');
      const named = (name: string, format: DiskFormat) => ({ pool, name, format });
      const attempts: Record<string, () => Promise<unknown>> = {
        'create, thick': () =>
          here.volumes.create({ ...named('thick', 'raw'), sizeBytes: mebibytes(12), provisioning: 'thick' }),
        'content larger than what is left': () => fill(here, { ...named('sent', 'raw'), content: image }),
        'content that fits as it comes, and not converted': () =>
          fill(here, { ...named('converted', 'qcow2'), content: half }),
        'a copy': () => copy(here, { ...named('copied', 'raw'), source: large.id }),
        'a copy in another format': () => copy(here, { ...named('recoded', 'qcow2'), source: large.id }),
        growth: () => here.volumes.grow(old.id, mebibytes(14)),
        'an import': async () => (await here.images?.ensure(pool, image))?.result(),
      };
      for (const [what, attempt] of Object.entries(attempts)) {
        expect({ what, error: await codeOf(attempt()) }).toMatchObject({
          what,
          error: { code: 'POOL.FULL', stateAfter: 'unchanged', retryable: true },
        });
        expect(`${what}\n${await filesIn('full')}`).toBe(`${what}\n${before}`);
      }
      expect(await here.images?.list(pool).all()).toEqual([]);
      expect(digestOf(await readVolume(here, old.id))).toBe(digestOf(noise(Number(2n * MIB), 'old')));
      await giveRoom('full');
      await expect(here.volumes.grow(old.id, mebibytes(14))).resolves.toMatchObject({ sizeBytes: mebibytes(14) });
      for (const { id } of [old, large]) await here.volumes.delete(id);
    },
    LONG,
  );

  it(
    'a pool that may only be read refuses every change, by POOL.UNAVAILABLE, and is read on',
    async () => {
      const pool = await mountPool('sealed');
      const old = await volumeIn(pool, 'old', 2n, 'raw');
      const overlay = await volumeIn(pool, 'overlay', 1n, 'qcow2');
      await peer.exec('mount', ['-o', 'remount,ro', place('sealed')]);
      const before = await filesIn('sealed');
      const image = contentOf(noise(Number(MIB), 'image'));
      const named = (name: string, format: DiskFormat) => ({ pool, name, format });
      const attempts: Record<string, () => Promise<unknown>> = {
        'create, raw': () => here.volumes.create({ ...named('blank', 'raw'), sizeBytes: mebibytes(1) }),
        'create, qcow2': () => here.volumes.create({ ...named('blank', 'qcow2'), sizeBytes: mebibytes(1) }),
        content: () => fill(here, { ...named('sent', 'raw'), content: image }),
        'a copy': () => copy(here, { ...named('copied', 'raw'), source: old.id }),
        'a copy in another format': () => copy(here, { ...named('recoded', 'qcow2'), source: old.id }),
        'a clone': () => copy(here, { ...named('clone', 'qcow2'), source: old.id, mode: 'linked' }),
        'growth, raw': () => here.volumes.grow(old.id, mebibytes(4)),
        'growth, qcow2': () => here.volumes.grow(overlay.id, mebibytes(4)),
        'an import': async () => (await here.images?.ensure(pool, image))?.result(),
        removal: () => here.volumes.delete(old.id),
      };
      for (const [what, attempt] of Object.entries(attempts)) {
        expect({ what, error: await codeOf(attempt()) }).toMatchObject({
          what,
          error: { code: 'POOL.UNAVAILABLE', stateAfter: 'unchanged' },
        });
        expect(`${what}\n${await filesIn('sealed')}`).toBe(`${what}\n${before}`);
      }
      expect((await here.volumes.list(pool).all()).map(({ name }) => name).sort()).toEqual(['old', 'overlay']);
      expect(digestOf(await readVolume(here, old.id))).toBe(digestOf(noise(Number(2n * MIB), 'old')));
      await peer.exec('mount', ['-o', 'remount,rw', place('sealed')]);
      for (const { id } of [old, overlay]) await here.volumes.delete(id);
      expect(await filesIn('sealed')).toBe('');
    },
    LONG,
  );
});
