import { describe, expect, it } from '@jest/globals';
import { mebibytes, Secret, type Machine, type OpenDriver, type VolumeId } from '@virt-drivers/core';
import { claimed } from '../facets/guest.js';
import type { Ground } from './suite.js';

const LONG = 600_000;
const KEY = new Secret('a key that is nowhere else');
const WRONG = new Secret('not the key');
const DENIED = { code: 'ACCESS.DENIED' };
const UNMET = { code: 'CAPABILITY.CONDITION_UNMET' };

/** How a store of blocks is looked at from outside. */
export interface EncryptedTraits {
  /** The first four bytes of what keeps a volume. */
  head(id: VolumeId): Promise<string>;
  /** False where an encrypted volume keeps its size. */
  readonly grows: boolean;
}

const machineWith = (here: OpenDriver, volume: VolumeId): Promise<Machine> =>
  here.machines.create({
    name: 'has a key',
    cpu: { count: 1 },
    memory: { sizeBytes: mebibytes(64) },
    boot: { firmware: 'bios' },
    disks: [{ volume }],
    nics: [],
  });

/** The one suite of encrypted volumes that are not files. */
export function describeEncryptedBlocks(ground: () => Promise<Ground>, { head, grows }: EncryptedTraits): void {
  describe('an encrypted volume', () => {
    it(
      'is LUKS in its store, opens with its key alone, and leaves nothing',
      async () => {
        const { driver: here, pool, stop } = await ground();
        const names = async () => (await here.volumes.list(pool).all()).map(({ name }) => name);
        const before = await names();
        const { createVolume, unlockVolume, lockVolume } = claimed(here.encryption);
        const { id, sizeBytes } = await createVolume({ pool, name: 'secret', sizeBytes: mebibytes(16) }, KEY);
        expect(await head(id)).toBe('LUKS');
        expect(sizeBytes).toBeGreaterThanOrEqual(mebibytes(16));
        expect(await here.volumes.find({ pool, name: 'secret' })).toMatchObject({ id, sizeBytes, format: 'raw' });
        await expect(createVolume({ pool, name: 'secret', sizeBytes: mebibytes(4) }, KEY)).rejects.toMatchObject({
          code: 'VOLUME.EXISTS',
        });

        const machine = await machineWith(here, id);
        await expect(here.power.start(machine.id)).rejects.toMatchObject(DENIED);
        await expect(unlockVolume(id, WRONG)).rejects.toMatchObject(DENIED);
        await unlockVolume(id, KEY);
        await expect(unlockVolume(id, WRONG)).rejects.toMatchObject(DENIED);
        await here.power.start(machine.id);
        await expect(lockVolume(id)).rejects.toMatchObject({ code: 'VOLUME.IN_USE' });
        if (grows) expect((await here.volumes.grow(id, mebibytes(32))).sizeBytes).toBe(mebibytes(32));
        await here.power.kill(machine.id);
        if (grows) expect((await here.volumes.grow(id, mebibytes(40))).sizeBytes).toBe(mebibytes(40));
        else await expect(here.volumes.grow(id, mebibytes(40))).rejects.toMatchObject(UNMET);
        expect(await head(id)).toBe('LUKS');
        await here.power.start(machine.id);
        await here.power.kill(machine.id);
        await lockVolume(id);
        await expect(here.power.start(machine.id)).rejects.toMatchObject(DENIED);

        await expect(
          here.volumes.createFromVolume?.({ pool, name: 'copy', source: id }) ?? Promise.resolve(),
        ).rejects.toMatchObject(UNMET);
        await expect(here.volumes.export?.(id)[Symbol.asyncIterator]().next()).rejects.toMatchObject(UNMET);
        await here.machines.delete(machine.id, { withVolumesOf: machine.disks.map((disk) => disk.id) });
        expect(await names()).toEqual(before);
        await stop();
      },
      LONG,
    );
  });
}
