import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bytes, mebibytes, type DiskFormat, type ImageSource, type OpenDriver, type PoolId } from '@virt-drivers/core';
import { bootFrom, type BootableGuest } from './boot.js';
import { hostileBytes } from './hostile-bytes.js';
import { contentOf, copy, fill, MIB, noise, tell, whole } from './content.js';

/** A place to keep volumes in, on a real peer. */
export interface Ground {
  readonly driver: OpenDriver;
  readonly pool: PoolId;
  /** A small image that boots. */
  readonly guest: BootableGuest;
  stop(): Promise<void>;
}

/** What the suite may expect of a backend beyond what all have. */
export interface Traits {
  readonly format: DiskFormat;
  /** A volume can continue another one. */
  readonly continues: boolean;
  /** Space is set aside or not, as one likes; elsewhere it is always the same, and there is nothing to tell apart. */
  readonly thick: boolean;
  /** Growing a volume that a running machine has works; true when left out. */
  readonly growsOnline?: boolean;
  /** Sizes of new volumes are multiples of this many bytes; 512 when left out. */
  readonly unit?: bigint;
  /** Sizes that volumes grow to are multiples of this; as `unit` when left out. */
  readonly growthUnit?: bigint;
}

const LONG = 600_000;
const up = (size: bigint, unit: bigint): bigint => ((size + unit - 1n) / unit) * unit;
const NOTHING = Buffer.alloc(0);

/** The one suite of all backends. */
export function describeBackend(title: string, ground: () => Promise<Ground>, traits: Traits): void {
  describe(title, () => {
    const { format, unit = 512n, growthUnit = unit, growsOnline = true } = traits;
    let here: Ground;
    let serial = 0;
    /** What a new volume of so many MiB gets. */
    const sized = (count: bigint) => bytes(up(count * MIB, unit));
    const named = () => ({ pool: here.pool, name: `v${(serial += 1)}-${format}`, format });
    const left = async () => (await here.driver.volumes.list(here.pool).all()).map(({ name }) => name);

    beforeAll(async () => (here = await ground()), LONG);
    afterAll(() => here.stop(), LONG);

    it(
      'a blank volume reads as zeros, has its size, and leaves nothing when it is deleted',
      async () => {
        const { driver } = here;
        const before = await left();
        const made = await driver.volumes.create({ ...named(), sizeBytes: mebibytes(8) });
        expect([made.format, made.sizeBytes, made.base]).toEqual([format, sized(8n), undefined]);
        expect(await tell(driver, made.id, NOTHING)).toEqual(whole(sized(8n)));
        expect(await driver.volumes.find({ pool: here.pool, name: made.name })).toMatchObject({ id: made.id });
        await driver.volumes.delete(made.id);
        await driver.volumes.delete(made.id);
        expect(await left()).toEqual(before);
      },
      LONG,
    );

    it(
      'content arrives byte by byte, and what the volume has beyond it is zeros',
      async () => {
        const { driver } = here;
        const data = noise(Number(5n * MIB), 'content');
        const made = await fill(driver, { ...named(), content: contentOf(data), sizeBytes: mebibytes(12) });
        expect(made.sizeBytes).toBe(sized(12n));
        expect(await tell(driver, made.id, data)).toEqual(whole(sized(12n)));
        await driver.volumes.delete(made.id);
      },
      LONG,
    );

    it(
      'content that breaks off leaves nothing',
      async () => {
        const { driver } = here;
        const before = await left();
        const whole = contentOf(noise(Number(4n * MIB), 'broken'));
        const broken: ImageSource = {
          ...whole,
          async *open() {
            yield noise(Number(MIB), 'half');
            throw new Error('the source broke');
          },
        };
        await expect(fill(driver, { ...named(), content: broken })).rejects.toThrow('the source broke');
        expect(await left()).toEqual(before);
      },
      LONG,
    );

    it(
      'bytes that a guest could write change nothing of what a volume is',
      async () => {
        const { driver } = here;
        const header = hostileBytes();
        const made = await fill(driver, { ...named(), content: contentOf(header) });
        const again = await driver.volumes.get(made.id);
        const size = up(MIB, unit);
        expect([again.format, again.sizeBytes, again.base]).toEqual([format, bytes(size), undefined]);
        expect(await tell(driver, made.id, header)).toEqual(whole(size));
        const full = await copy(driver, { ...named(), source: made.id });
        expect(await tell(driver, full.id, header)).toEqual(whole(size));
        const larger = up(size + MIB, growthUnit);
        expect((await driver.volumes.grow(full.id, bytes(larger))).sizeBytes).toBe(larger);
        expect(await tell(driver, full.id, header)).toEqual(whole(larger));
        for (const { id } of [made, full]) await driver.volumes.delete(id);
      },
      LONG,
    );

    it(
      'a full copy is grown as asked, and lives on without its source',
      async () => {
        const { driver } = here;
        const data = noise(Number(3n * MIB), 'source');
        const source = await fill(driver, { ...named(), content: contentOf(data), sizeBytes: mebibytes(4) });
        const sizeBytes = bytes(up(source.sizeBytes + 4n * MIB, unit));
        const full = await copy(driver, { ...named(), source: source.id, sizeBytes });
        expect([full.base, full.sizeBytes]).toEqual([undefined, sizeBytes]);
        await driver.volumes.delete(source.id);
        expect(await tell(driver, full.id, data)).toEqual(whole(sizeBytes));
        await driver.volumes.delete(full.id);
      },
      LONG,
    );

    const refusesToContinue = (): void =>
      it(
        'nothing is continued here: that is refused, and nothing is made',
        async () => {
          const { driver } = here;
          const source = await fill(driver, { ...named(), content: contentOf(noise(Number(MIB), 'alone')) });
          const before = await left();
          await expect(copy(driver, { ...named(), source: source.id, mode: 'linked' })).rejects.toMatchObject({
            code: 'CAPABILITY.CONDITION_UNMET',
          });
          expect(await left()).toEqual(before);
          await driver.volumes.delete(source.id);
        },
        LONG,
      );

    const continuesImages = (): void =>
      it(
        'an image is continued copy on write, and stays while it is',
        async () => {
          const { driver } = here;
          const data = noise(Number(4n * MIB), 'image');
          const image = await fill(driver, { ...named(), content: contentOf(data) });
          const sizeBytes = bytes(up(image.sizeBytes + 2n * MIB, unit));
          const one = await copy(driver, { ...named(), source: image.id, mode: 'linked', sizeBytes });
          const two = await copy(driver, { ...named(), source: image.id, mode: 'linked' });
          expect([one.base, one.sizeBytes, two.sizeBytes]).toEqual([image.id, sizeBytes, sized(4n)]);
          expect(await tell(driver, one.id, data)).toEqual(whole(sizeBytes));
          expect(await tell(driver, two.id, data)).toEqual(whole(sized(4n)));
          await expect(driver.volumes.delete(image.id)).rejects.toMatchObject({ code: 'VOLUME.IN_USE' });
          expect(await tell(driver, two.id, data)).toEqual(whole(sized(4n)));
          await driver.volumes.delete(two.id);
          // Flattened: the copy of a continued volume continues nothing.
          const flat = await copy(driver, { ...named(), source: one.id });
          await driver.volumes.delete(one.id);
          await driver.volumes.delete(image.id);
          expect(flat.base).toBeUndefined();
          expect(await tell(driver, flat.id, data)).toEqual(whole(sizeBytes));
          await driver.volumes.delete(flat.id);
        },
        LONG,
      );
    if (traits.continues) continuesImages();
    else refusesToContinue();

    it(
      'a volume grows and keeps its content',
      async () => {
        const { driver } = here;
        const data = noise(Number(3n * MIB), 'grow');
        const made = await fill(driver, { ...named(), content: contentOf(data) });
        const larger = up(made.sizeBytes + 6n * MIB, growthUnit);
        expect((await driver.volumes.grow(made.id, bytes(larger))).sizeBytes).toBe(larger);
        expect(await tell(driver, made.id, data)).toEqual(whole(larger));
        await expect(driver.volumes.grow(made.id, sized(4n))).rejects.toMatchObject({
          code: 'VOLUME.CANNOT_SHRINK',
        });
        await driver.volumes.delete(made.id);
      },
      LONG,
    );

    if (traits.thick)
      it(
        'space that is set aside is taken, and other space is not',
        async () => {
          const { driver } = here;
          const sizeBytes = mebibytes(32);
          const thin = await driver.volumes.create({ ...named(), sizeBytes });
          const thick = await driver.volumes.create({ ...named(), sizeBytes, provisioning: 'thick' });
          expect(thin.allocatedBytes).toBeLessThan(bytes(MIB));
          expect(thick.allocatedBytes).toBeGreaterThanOrEqual(sizeBytes);
          for (const { id } of [thin, thick]) await driver.volumes.delete(id);
        },
        LONG,
      );

    it(
      'a guest boots from it, and the volume is kept while the machine has it',
      async () => {
        const { driver, guest } = here;
        const { image } = guest;
        const root = await fill(driver, { ...named(), content: image });
        const machine = await bootFrom(driver, root.id, guest);
        await expect(driver.volumes.delete(root.id)).rejects.toMatchObject({ code: 'VOLUME.IN_USE' });
        expect((await driver.volumes.get(root.id)).attachedTo).toEqual([machine.id]);
        if (growsOnline) {
          const size = bytes(up(root.sizeBytes + 64n * MIB, growthUnit));
          expect((await driver.volumes.grow(root.id, size)).sizeBytes).toBe(size);
        }
        await driver.machines.delete(machine.id, { kill: true, withVolumesOf: machine.disks.map(({ id }) => id) });
        expect(await driver.volumes.find({ pool: here.pool, name: root.name })).toBeUndefined();
      },
      LONG,
    );
  });
}
