import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mebibytes, type Json, type OpenDriver, type Volume } from '@virt-drivers/core';
import { createCompute, newInstanceId, type Compute } from '../src/index.js';
import { fullSpec, memoryEndpoint, type MemoryEndpoint } from './memory-endpoint.js';

describe('what compute does not own', () => {
  let endpoint: MemoryEndpoint;
  let driver: OpenDriver;
  let compute: Compute;
  beforeEach(async () => {
    endpoint = await memoryEndpoint();
    driver = await endpoint.open();
    compute = createCompute(driver, { gate: endpoint.gate });
  });
  afterEach(() => endpoint.close());

  const extraVolume = async (): Promise<Volume> => {
    const [pool] = await driver.volumes.pools().all();
    return driver.volumes.create({ pool: pool!.id, name: 'extra', sizeBytes: mebibytes(1) });
  };

  /** Changes a record behind compute's back. */
  async function tamper(instanceId: string, change: (body: Record<string, Json>) => Json): Promise<void> {
    const machine = await driver.machines.find({ recordOwner: instanceId });
    const record = await driver.machines.record(machine!.id);
    const body = change(JSON.parse(JSON.stringify(record!.body)) as Record<string, Json>);
    await driver.machines.writeRecord(machine!.id, { owner: instanceId, body }, { ifRevision: record!.revision });
  }

  test('a volume that was attached later survives the instance', async () => {
    const { instanceId } = await compute.spawn(fullSpec());
    const { id } = await extraVolume();
    await compute.attachVolume(instanceId, id);
    expect((await compute.show(instanceId)).record.disks.at(-1)).toMatchObject({
      role: 'attached',
      owned: false,
      volumeName: 'extra',
    });
    await compute.destroy(instanceId);
    expect(await driver.volumes.get(id)).toMatchObject({ name: 'extra', attachedTo: [] });
  });

  test('attaching twice is attaching once; detaching leaves the volume', async () => {
    const { instanceId } = await compute.spawn(fullSpec());
    const { id } = await extraVolume();
    const first = await compute.attachVolume(instanceId, id, { serial: 'extra-1' });
    expect((await compute.attachVolume(instanceId, id, { serial: 'extra-1' })).id).toBe(first.id);
    expect((await compute.show(instanceId)).record.disks).toHaveLength(5);
    await compute.power.kill(instanceId);
    await compute.detachVolume(instanceId, id);
    await compute.detachVolume(instanceId, id);
    expect((await compute.show(instanceId)).record.disks).toHaveLength(4);
    expect((await driver.volumes.get(id)).attachedTo).toEqual([]);
  });

  test("an instance's own disk cannot be detached", async () => {
    const { instanceId, record } = await compute.spawn(fullSpec());
    const root = record.disks[0]!.volume!;
    await expect(compute.detachVolume(instanceId, root as never)).rejects.toMatchObject({ code: 'REQUEST.INVALID' });
  });

  test('a record of another endpoint is left alone by destroy, spawn and reconcile', async () => {
    const spec = fullSpec();
    await compute.spawn(spec);
    await tamper(spec.instanceId, (body) => ({ ...body, endpointId: 'another', phase: 'destroying' }));
    await expect(compute.destroy(spec.instanceId)).rejects.toMatchObject({ code: 'REQUEST.CONFLICT' });
    await expect(compute.spawn(spec)).rejects.toMatchObject({ code: 'REQUEST.CONFLICT' });
    expect(await compute.reconcile()).toMatchObject([{ outcome: 'foreign' }]);
    expect((await endpoint.leftovers()).volumes).toHaveLength(4);
  });

  test.each([
    ['written by a newer version', (body: Record<string, Json>) => ({ ...body, schema: 3 }), /newer version/],
    ['of something else', () => ({ hello: 'world' }), /not one that compute wrote/],
    [
      'copied from another instance',
      (body: Record<string, Json>) => ({ ...body, instanceId: newInstanceId() }),
      /not one that compute wrote/,
    ],
  ])('a record %s is left alone', async (_name, change, message) => {
    const { instanceId } = await compute.spawn(fullSpec());
    await tamper(instanceId, change);
    await expect(compute.destroy(instanceId)).rejects.toMatchObject({
      code: 'REQUEST.CONFLICT',
      message: expect.stringMatching(message),
    });
    expect(await compute.reconcile()).toMatchObject([{ instanceId, outcome: 'foreign' }]);
    expect((await endpoint.leftovers()).volumes).toHaveLength(4);
  });

  test('a volume that is called otherwise by now is not deleted', async () => {
    const { instanceId } = await compute.spawn(fullSpec());
    const { id } = await extraVolume();
    await tamper(instanceId, (body) => {
      const [first, ...rest] = body['disks'] as Record<string, Json>[];
      return { ...body, disks: [{ ...first, volume: { pool: id.pool, key: id.key } }, ...rest] };
    });
    await expect(compute.destroy(instanceId)).rejects.toMatchObject({
      code: 'REQUEST.CONFLICT',
      message: expect.stringContaining('extra'),
    });
    expect((await driver.volumes.get(id)).name).toBe('extra');
    expect((await compute.show(instanceId)).record.phase).toBe('destroying');
  });

  test('machines of others are not listed and not reconciled', async () => {
    await driver.machines.create({
      name: 'theirs',
      cpu: { count: 1 },
      memory: { sizeBytes: mebibytes(16) },
      boot: { firmware: 'bios' },
      disks: [],
      nics: [],
      record: { owner: 'somebody', body: {} },
    });
    const { instanceId } = await compute.spawn(fullSpec());
    const listed: string[] = [];
    for await (const one of compute.list()) listed.push(one.instanceId);
    expect(listed).toEqual([instanceId]);
    expect(await compute.reconcile()).toEqual([]);
  });

  test('work of a process that lives is left alone, that of a dead one and an old one elsewhere is not', async () => {
    const spec = fullSpec();
    const controller = new AbortController();
    let seen: unknown;
    const other = createCompute(await endpoint.open(), { gate: endpoint.gate });
    const attempt = compute.spawn(spec, {
      signal: controller.signal,
      onStep: async ({ step, phase }) => {
        if (step !== 'create root' || phase !== 'done') return;
        seen = await other.reconcile();
        await expect(other.destroy(spec.instanceId)).rejects.toMatchObject({ code: 'MACHINE.BUSY' });
        await expect(other.spawn(spec)).rejects.toMatchObject({ code: 'MACHINE.BUSY' });
      },
    });
    await attempt;
    expect(seen).toEqual([{ instanceId: spec.instanceId, outcome: 'busy' }]);

    const elsewhere = (startedAt: Date) => (body: Record<string, Json>) => ({
      ...body,
      phase: 'destroying',
      journal: { run: 'x', flow: 'destroy', host: 'another-host', process: '1_1', startedAt: startedAt.toISOString() },
    });
    await tamper(spec.instanceId, elsewhere(new Date()));
    expect(await compute.reconcile()).toMatchObject([{ outcome: 'busy' }]);
    await tamper(spec.instanceId, elsewhere(new Date(Date.now() - 7_200_000)));
    expect(await compute.reconcile({ dryRun: true })).toMatchObject([{ outcome: 'removed' }]);
    expect((await endpoint.leftovers()).volumes).toHaveLength(4);
    expect(await compute.reconcile()).toMatchObject([{ outcome: 'removed' }]);
    expect(await endpoint.leftovers()).toEqual({ machines: [], volumes: [] });
  });
});
