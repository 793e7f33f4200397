import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mebibytes, poolId, type Machine, type OpenDriver, type Snapshots } from '@virt-drivers/core';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { driver } from '../../src/index.js';
import { claimed } from './guest.js';
import { contentOf, digestOf, fill, noise, readVolume } from '../backends/content.js';
import { describeWith } from '@virt-drivers/peers/jest';

const LONG = 300_000;
const MIB = 1 << 20;
const pool = poolId('default');

const peer = await requirePeer(() => startLibvirt({ name: 'overlays' }));

describeWith('snapshots over disks', peer, (peer) => {
  describe('snapshots of a machine with a flat disk', () => {
    let open: OpenDriver;
    let machine: Machine;
    let snapshots: Required<Snapshots>;

    const volumeNow = async () => {
      const [disk] = (await open.machines.get(machine.id)).disks;
      if (!disk?.volume) throw new Error('The machine lost its disk.');
      return disk.volume;
    };
    const digest = async () => digestOf(await readVolume(open, await volumeNow()));
    /** Writes as a guest would, at a place of its own for each byte, and answers with the digest of all. */
    const write = async (byte: number): Promise<string> => {
      const { key } = await volumeNow();
      const format = key.endsWith('.raw') ? 'raw' : 'qcow2';
      const order = `write -P ${byte} ${byte * 65_536} 65536`;
      await peer.exec('qemu-io', ['-f', format, '-c', order, `${peer.imagesDirectory}/${key}`]);
      return digest();
    };
    const files = async () => (await open.volumes.list(pool).all()).map(({ name }) => name);

    beforeAll(async () => {
      open = await driver.open({ target: peer.uri });
      snapshots = claimed(open.snapshots);
      const content = contentOf(noise(4 * MIB, 'flat'));
      const { id } = await fill(open, { pool, name: 'flat', format: 'raw', content });
      machine = await open.machines.create({
        name: 'flat',
        cpu: { count: 1 },
        memory: { sizeBytes: mebibytes(64) },
        boot: { firmware: 'bios' },
        disks: [{ volume: id, serial: 'flat' }],
        nics: [],
      });
    }, LONG);
    afterAll(async () => {
      await open.close();
      await peer.stop();
    }, LONG);

    it(
      'a chain of three: the last is gone back to, any is merged, stopped or running, and the flat disk has it all in the end',
      async () => {
        const { id } = machine;
        const first = await digest();
        const one = await snapshots.create(id, { name: 'one' });
        await write(1);
        await open.power.start(id);
        const two = await snapshots.create(id, { name: 'two', description: 'while it runs' });
        expect(two).toMatchObject({ parent: one.id, memory: false, current: true });
        await open.power.kill(id);
        const third = await write(2);
        const three = await snapshots.create(id, { name: 'three' });
        await write(3);
        await expect(snapshots.revert(id, one.id)).rejects.toMatchObject({ code: 'SNAPSHOT.BLOCKS', heldBy: three.id });
        await snapshots.revert(id, three.id);
        expect(await digest()).toBe(third);
        const fourth = await write(4);
        // In the middle, of a machine that is off; then the last, of one that runs.
        await snapshots.delete(id, two.id);
        expect(await digest()).toBe(fourth);
        expect((await snapshots.list(id).all()).map((one) => [one.id, one.parent])).toEqual([
          [one.id, undefined],
          [three.id, one.id],
        ]);
        await open.power.start(id);
        await snapshots.delete(id, three.id);
        expect((await open.machines.get(id)).state).toBe('running');
        await open.power.kill(id);
        expect(await digest()).toBe(fourth);
        await open.power.start(id);
        await snapshots.revert(id, one.id);
        expect([(await open.machines.get(id)).state, await digest()]).toEqual(['stopped', first]);
        const last = await write(5);
        await snapshots.delete(id, one.id);
        expect([(await volumeNow()).key, await digest(), await files()]).toEqual(['flat.raw', last, ['flat']]);
        await open.power.start(id);
        await open.power.kill(id);
        await expect(snapshots.create(id, { name: 'memory', memory: true })).rejects.toMatchObject({
          code: 'CAPABILITY.CONDITION_UNMET',
        });
      },
      LONG,
    );

    it(
      'a machine is deleted with its snapshots, and its volumes with it when asked to',
      async () => {
        const { id, disks } = machine;
        await snapshots.create(id, { name: 'a' });
        await write(6);
        await snapshots.create(id, { name: 'b' });
        await open.machines.delete(id, { kill: true, withVolumesOf: disks.map((disk) => disk.id) });
        expect(await files()).toEqual([]);
      },
      LONG,
    );
  });
});
