import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { mebibytes, poolId, type OpenDriver } from '@virt-drivers/core';
import { writeStreamOptimised } from '@virt-drivers/image-formats';
import { admitImage, createCompute, type Compute, type ImageInput, type InstanceSpec } from '../src/index.js';
import { fullSpec, memoryEndpoint, type MemoryEndpoint } from './memory-endpoint.js';
import { unreliable, type Accident } from './unreliable-driver.js';
import { collect, HOSTILE_OVAS, inPieces, soundOva } from '@virt-drivers/image-corpus';

const nothing = { machines: [], volumes: [] };
const MEBIBYTE = 1_048_576;
const contents = [1, 2, 3].map((size) => Buffer.alloc(size * MEBIBYTE, `disk ${size} `));
const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
const vmdk = (content: Buffer): Promise<Buffer> =>
  collect(writeStreamOptimised(inPieces(content), { sizeBytes: BigInt(content.length) }));
const AHCI =
  '<Item><rasd:Address>0</rasd:Address><rasd:InstanceID>9</rasd:InstanceID><rasd:ResourceSubType>AHCI</rasd:ResourceSubType><rasd:ResourceType>20</rasd:ResourceType></Item>';

describe('an instance from an OVA with three disks', () => {
  let endpoint: MemoryEndpoint;
  let calm: OpenDriver;
  let compute: Compute;
  let ova: Buffer;
  let directory = '';
  let transfers = 0;
  beforeAll(async () => {
    endpoint = await memoryEndpoint();
    calm = await endpoint.open();
    compute = createCompute(calm, { gate: endpoint.gate });
    directory = mkdtempSync(join(tmpdir(), 'compute-package-'));
    const disks = [{ capacity: '1' }, { capacity: '2' }, { capacity: '3', parent: '9', place: '0' }];
    ova = soundOva({ disks, hardware: AHCI }, ...(await Promise.all(contents.map(vmdk))));
    writeFileSync(join(directory, 'web.ova'), ova);
  });
  afterEach(async () => {
    for await (const { instanceId } of compute.list()) await compute.destroy(instanceId);
    expect(await endpoint.leftovers()).toEqual(nothing);
  });
  afterAll(async () => {
    await endpoint.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const inputOf = (content: Buffer): ImageInput => ({
    name: 'web.ova',
    async *open() {
      transfers += 1;
      yield* inPieces(content, 100_000);
    },
  });
  const spec = (changes: Partial<InstanceSpec> = {}): InstanceSpec =>
    fullSpec({
      image: {
        input: inputOf(ova),
        declaration: { format: 'ova', checksum: { algorithm: 'sha256', hex: sha256(ova) } },
      },
      root: {},
      ...changes,
    });
  const roles = ['root', 'image', 'image', 'ephemeral', 'swap', 'config'];

  test('has them in its order, with their content and origin, before what was asked for besides', async () => {
    const { record, machine } = await compute.spawn(spec());
    expect(record.disks.map(({ role }) => role)).toEqual(roles);
    expect(record.image).toMatchObject({ name: 'web.ova', packageSha256: sha256(ova) });
    expect(machine.disks.map(({ bus }) => bus).slice(0, 3)).toEqual(['paravirtual', 'paravirtual', 'sata']);
    await compute.power.stop(record.instanceId, { force: true });
    for (const [index, content] of contents.entries()) {
      const { origin, volume, sizeBytes } = record.disks[index] ?? {};
      expect(origin).toMatchObject({ kind: 'image', sha256: sha256(content) });
      expect(sizeBytes).toBe(String(content.length));
      if (!volume || !calm.volumes.export) throw new Error('nothing to export');
      const id = { pool: poolId(volume.pool), key: volume.key };
      expect((await collect(calm.volumes.export(id))).equals(content)).toBe(true);
    }
  });

  test('is transferred once, and grown where that was asked for', async () => {
    transfers = 0;
    const root = { sizeBytes: mebibytes(8), bus: 'scsi' as const };
    const both = await Promise.all([compute.spawn(spec({ root })), compute.spawn(spec({ root }))]);
    expect(transfers).toBeLessThanOrEqual(1);
    for (const { record, machine } of both) {
      expect(record.disks[0]?.sizeBytes).toBe(String(root.sizeBytes));
      expect(machine.disks.map(({ bus }) => bus).slice(0, 3)).toEqual(['scsi', 'scsi', 'scsi']);
    }
  });

  test('spawned again, returns what is there', async () => {
    const wish = spec();
    const { machine } = await compute.spawn(wish);
    expect((await compute.spawn(wish)).machine.id).toBe(machine.id);
  });

  test.each(['error', 'crash'] as const)(
    'after an interruption (%s) of any call is whole, or nothing',
    async (kind) => {
      const rehearsal = unreliable(calm);
      await createCompute(rehearsal.driver, { gate: endpoint.gate }).spawn(spec());
      for await (const { instanceId } of compute.list()) await compute.destroy(instanceId);
      let whole = 0;
      for (let call = 1; call <= rehearsal.calls.length; call += 1) {
        const wish = spec();
        const accident: Accident = { call, when: 'after', kind };
        const { driver } = unreliable(calm, accident);
        await createCompute(driver, { gate: endpoint.gate })
          .spawn(wish)
          .catch(() => undefined);
        await compute.reconcile();
        if ((await endpoint.leftovers()).machines.length > 0) {
          whole += 1;
          const { record, machine } = await compute.show(wish.instanceId);
          expect(record).toMatchObject({ phase: 'ready' });
          expect(record.disks.map(({ role }) => role)).toEqual(roles);
          expect(machine.disks).toHaveLength(roles.length);
          await compute.destroy(wish.instanceId);
        }
        expect({ call, ...(await endpoint.leftovers()) }).toEqual({ call, ...nothing });
      }
      expect(whole).toBeGreaterThan(0);
    },
    120_000,
  );

  test.each(Object.entries(HOSTILE_OVAS).filter(([, [, content]]) => content().length < 1_000_000))(
    'is not made of one with %s, and nothing is',
    async (_name, [, content]) => {
      const image = { input: inputOf(content()), declaration: { format: 'ova' as const } };
      const { driver, calls } = unreliable(calm);
      const attempt = createCompute(driver, { gate: endpoint.gate }).spawn(spec({ image }));
      await expect(attempt).rejects.toMatchObject({
        code: expect.stringMatching(/^IMAGE\.(UNSAFE|CORRUPT|FORMAT_MISMATCH)$/),
        message: expect.stringMatching(/^Image "web\.ova" is refused\. /),
      });
      expect(calls.filter((call) => /create|upload|attach|ensure|write/i.test(call))).toEqual([]);
    },
  );

  test('is refused when its disks are larger than allowed together', async () => {
    const limits = { maximumVirtualSizeBytes: fullSpec().memory.sizeBytes };
    const declaration = { format: 'ova' as const };
    await expect(admitImage(inputOf(ova), declaration, { ...endpoint.gate, limits })).resolves.toMatchObject({
      format: 'raw',
    });
    const large = soundOva(
      { disks: [{ capacity: '64' }, { capacity: '1' }] },
      ...(await Promise.all([Buffer.alloc(64 * MEBIBYTE), Buffer.alloc(MEBIBYTE)].map(vmdk))),
    );
    await expect(admitImage(inputOf(large), declaration, { ...endpoint.gate, limits })).rejects.toMatchObject({
      code: 'IMAGE.TOO_LARGE',
    });
  });
});
