import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mebibytes, poolId, type Json, type OpenDriver, type Volume } from '@virt-drivers/core';
import { requirePeer, runCommand, startLibvirt } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { mkdir, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { driver } from '../../src/index.js';
import { contentOf, digestOf, fill, MIB, noise, readVolume } from './content.js';

const LONG = 120_000;
const peer = await requirePeer(() => startLibvirt({ name: 'folders' }));
afterAll(() => peer?.stop());

describeWith('volumes in Parallels’ format', peer, (peer) => {
  const pool = poolId('default');
  const at = (...path: string[]): string => join(peer.imagesDirectory, ...path);
  const left = () => readdir(peer.imagesDirectory);
  const pools = async () => (await runCommand('virsh', ['-c', peer.uri, 'pool-list', '--all', '--name'])).stdout.trim();
  const refresh = () => runCommand('virsh', ['-c', peer.uri, 'pool-refresh', 'default']);
  let here: OpenDriver;
  const make = (name: string, data: Buffer): Promise<Volume> =>
    fill(here, { pool, name, format: 'parallels', content: contentOf(data) });

  beforeAll(async () => (here = await driver.open({ target: peer.uri })), LONG);
  afterAll(() => here.close());

  it(
    'are what QEMU’s own tool calls whole, and have the size that it reads',
    async () => {
      const data = noise(Number(5n * MIB) + 512, 'whole');
      const { id } = await make('whole', data);
      const image = at('whole.ploop', 'root.hds');
      await runCommand('qemu-img', ['check', '-f', 'parallels', image]);
      const { stdout } = await runCommand('qemu-img', ['info', '-f', 'parallels', '--output=json', image]);
      const told: Json = JSON.parse(stdout);
      expect(told).toMatchObject({ format: 'parallels', 'virtual-size': data.length });
      expect(await here.volumes.get(id)).toMatchObject({ format: 'parallels', sizeBytes: BigInt(data.length) });
      expect(await pools()).toBe('default');
      await here.volumes.delete(id);
      expect(await left()).toEqual([]);
    },
    LONG,
  );

  it.each<[string, (folder: string) => Promise<unknown>]>([
    ['is empty', () => Promise.resolve()],
    ['has one of its files', (folder) => writeFile(join(folder, 'DiskDescriptor.xml'), 'x')],
    ['is a pool still', (folder) => abandon(folder).then(() => writeFile(join(folder, 'root.hds'), ''))],
    [
      'has both',
      async (folder) => {
        await writeFile(join(folder, 'DiskDescriptor.xml'), 'x');
        await runCommand('qemu-img', ['create', '-q', '-f', 'parallels', join(folder, 'root.hds'), '1M']);
      },
    ],
  ])(
    'that were never finished are found and deleted when the folder %s',
    async (_, fill_) => {
      await mkdir(at('half.ploop'));
      await refresh();
      await fill_(at('half.ploop'));
      const found = await here.volumes.find({ pool, name: 'half' });
      expect(found).toMatchObject({ id: { pool, key: 'half.ploop' }, sizeBytes: 0n });
      const again = here.volumes.create({ pool, name: 'half', format: 'parallels', sizeBytes: mebibytes(1) });
      await expect(again).rejects.toMatchObject({ code: 'VOLUME.EXISTS' });
      await here.volumes.delete({ pool, key: 'half.ploop' });
      expect([await left(), await pools()]).toEqual([[], 'default']);
    },
    LONG,
  );

  it.each<[string, (volume: Volume, copy: string) => Promise<unknown>, bigint]>([
    ['before the copy is whole', (_, copy) => writeFile(copy, '').then(() => truncate(copy, Number(8n * MIB))), 4n],
    ['when the volume is gone', async ({ id }, copy) => (await copied(id, copy), await here.volumes.delete(id)), 8n],
    ['when its folder is new', (volume, copy) => remade(volume, copy, true), 8n],
    ['while it is filled again', (volume, copy) => remade(volume, copy, false), 8n],
  ])(
    'keep their content when growth is interrupted %s',
    async (_, interrupt, mebibytesLeft) => {
      const data = noise(Number(4n * MIB), 'grown');
      const made = await make('one', data);
      await interrupt(made, at('vd-grow+one.ploop.raw'));
      await refresh();
      const found = await here.volumes.get(made.id);
      expect(found.sizeBytes).toBe(mebibytesLeft * MIB);
      const grown = await here.volumes.grow(made.id, mebibytes(12));
      expect(grown.sizeBytes).toBe(mebibytes(12));
      const content = await readVolume(here, made.id);
      expect([content.length, digestOf(content.subarray(0, data.length))]).toEqual([Number(12n * MIB), digestOf(data)]);
      await here.volumes.delete(made.id);
      expect([await left(), await pools()]).toEqual([[], 'default']);
    },
    LONG,
  );

  it(
    'are not thick, and say so',
    async () => {
      const thick = {
        pool,
        name: 'thick',
        format: 'parallels',
        provisioning: 'thick',
        sizeBytes: mebibytes(1),
      } as const;
      await expect(here.volumes.create(thick)).rejects.toMatchObject({ code: 'CAPABILITY.CONDITION_UNMET' });
      expect(await left()).toEqual([]);
    },
    LONG,
  );

  describe('of a running machine', () => {
    it(
      'keep it from what QEMU cannot do with them, and change nothing',
      async () => {
        const disk = await make('root', noise(Number(MIB), 'nothing that boots'));
        const machine = await here.machines.create({
          name: 'kept',
          cpu: { count: 1 },
          memory: { sizeBytes: mebibytes(64) },
          boot: { firmware: 'bios' },
          disks: [{ volume: disk.id }],
          nics: [],
        });
        await here.power.start(machine.id);
        const unmet = { code: 'CAPABILITY.CONDITION_UNMET' };
        await expect(here.suspension?.save?.(machine.id)).rejects.toMatchObject(unmet);
        await expect(here.snapshots?.create(machine.id, { name: 'one' })).rejects.toMatchObject(unmet);
        await expect(here.volumes.grow(disk.id, mebibytes(2))).rejects.toMatchObject(unmet);
        const plan = { machine: machine.id, mode: 'live' } as const;
        expect(JSON.stringify(await here.migration?.check(plan))).toContain('Parallels');
        expect((await here.machines.get(machine.id)).state).toBe('running');
        await here.machines.delete(machine.id, { kill: true, withVolumesOf: machine.disks.map(({ id }) => id) });
        expect((await left()).filter((name) => name.includes('root'))).toEqual([]);
      },
      LONG,
    );
  });

  /** As whoever is killed while files come leaves a folder. */
  async function abandon(folder: string): Promise<void> {
    await writeFile(join(folder, 'DiskDescriptor.xml'), 'x');
    const name = 'vd-folder+default+half.ploop';
    await runCommand('virsh', ['-c', peer.uri, 'pool-create-as', name, 'dir', '--target', folder]);
  }

  /** The copy that a growth to 8 MiB makes. */
  async function copied(id: Volume['id'], copy: string): Promise<void> {
    await writeFile(copy, await readVolume(here, id));
    await truncate(copy, Number(8n * MIB));
  }

  async function remade({ id, name }: Volume, copy: string, unfinished: boolean): Promise<void> {
    await copied(id, copy);
    await here.volumes.delete(id);
    await here.volumes.create({ pool, name, format: 'parallels', sizeBytes: mebibytes(8) });
    if (unfinished) await rm(at(`vd-size+${id.key}`));
  }
});
