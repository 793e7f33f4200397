import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { bytes, isDriverError, mebibytes, type OpenDriver, type VolumeId } from '@virt-drivers/core';
import { createCompute, type Compute, type Instance, type InstanceSpec } from '../src/index.js';
import { fullSpec, memoryEndpoint, type MemoryEndpoint } from './memory-endpoint.js';
import { unreliable, type Accident } from './unreliable-driver.js';
import { qcow2 } from '@virt-drivers/image-corpus';

const nothing = { machines: [], volumes: [] };
const WHENS = ['before', 'after'] as const;

/** Every way in which one of so many calls can go wrong. */
const everyAccident = (calls: number, kind: Accident['kind']): Accident[] =>
  Array.from({ length: calls }, (_, index) => index + 1).flatMap((call) => WHENS.map((when) => ({ call, when, kind })));

describe('flows that are interrupted at every call', () => {
  let endpoint: MemoryEndpoint;
  let calm: OpenDriver;
  let compute: Compute;
  beforeAll(async () => {
    endpoint = await memoryEndpoint();
    calm = await endpoint.open();
    compute = createCompute(calm, { gate: endpoint.gate });
  });
  afterAll(() => endpoint.close());
  beforeEach(async () => expect(await endpoint.leftovers()).toEqual(nothing));
  afterEach(async () => {
    for await (const { instanceId } of compute.list()) await compute.destroy(instanceId);
  });

  /** Runs a flow over a driver with accidents; how it ended, and which calls it made. */
  async function attempt(
    flow: (compute: Compute) => Promise<unknown>,
    ...accidents: Accident[]
  ): Promise<{ error?: unknown; calls: string[] }> {
    const { driver, calls } = unreliable(calm, ...accidents);
    try {
      await flow(createCompute(driver, { gate: endpoint.gate }));
      return { calls };
    } catch (error) {
      return { error, calls };
    }
  }

  const expectComplete = ({ record, machine }: Instance, spec: InstanceSpec): void => {
    expect(record).toMatchObject({ phase: 'ready', instanceId: spec.instanceId });
    expect(machine.state).toBe('running');
    expect(machine.disks).toHaveLength(4);
  };
  const isThere = async (spec: InstanceSpec): Promise<boolean> =>
    (await endpoint.leftovers()).machines.length > 0 && spec !== undefined;

  test('spawn: a failure at any call leaves nothing, or everything', async () => {
    const { calls } = await attempt((one) => one.spawn(fullSpec()));
    await destroyAll();
    for (const accident of everyAccident(calls.length, 'error')) {
      const spec = fullSpec();
      const { error } = await attempt((one) => one.spawn(spec), accident);
      if (error !== undefined) expect(isDriverError(error)).toBe(true);
      if (await isThere(spec)) expectComplete(await compute.show(spec.instanceId), spec);
      await destroyAll();
      expect({ accident, ...(await endpoint.leftovers()) }).toEqual({ accident, ...nothing });
    }
    expect(calls.length).toBeGreaterThan(20);
  }, 120_000);

  test('spawn: dying at any call, reconcile finishes or removes', async () => {
    const outcomes = new Set<string>();
    const { calls } = await attempt((one) => one.spawn(fullSpec()));
    await destroyAll();
    for (const accident of everyAccident(calls.length, 'crash')) {
      const spec = fullSpec();
      await attempt((one) => one.spawn(spec), accident);
      const results = await compute.reconcile();
      for (const { outcome } of results) outcomes.add(outcome);
      if (await isThere(spec)) expectComplete(await compute.show(spec.instanceId), spec);
      expect(await compute.reconcile()).toEqual([]);
      await destroyAll();
      expect({ accident, ...(await endpoint.leftovers()) }).toEqual({ accident, ...nothing });
    }
    expect([...outcomes].sort()).toEqual(['finished', 'removed']);
  }, 120_000);

  test('spawn: dying at any call, the same spawn finishes', async () => {
    const { calls } = await attempt((one) => one.spawn(fullSpec()));
    await destroyAll();
    for (const accident of everyAccident(calls.length, 'crash')) {
      const spec = fullSpec();
      await attempt((one) => one.spawn(spec), accident);
      expectComplete(await compute.spawn(spec), spec);
      expect((await endpoint.leftovers()).volumes).toHaveLength(4);
      await destroyAll();
      expect({ accident, ...(await endpoint.leftovers()) }).toEqual({ accident, ...nothing });
    }
  }, 120_000);

  test('spawn: dying in the middle of an undo, reconcile removes the rest', async () => {
    const probe = await attempt((one) => one.spawn(fullSpec()));
    await destroyAll();
    const start = probe.calls.indexOf('power.start') + 1;
    const failed = { call: start, when: 'after', kind: 'error' } as const;
    const { calls } = await attempt((one) => one.spawn(fullSpec()), failed);
    expect(calls.length).toBeGreaterThan(start + 8);
    for (let call = start + 1; call <= calls.length; call += 1) {
      for (const when of WHENS) await attempt((one) => one.spawn(fullSpec()), failed, { call, when, kind: 'crash' });
      const results = await compute.reconcile();
      expect(results.every(({ outcome }) => outcome === 'removed' || outcome === 'finished')).toBe(true);
      await destroyAll();
      expect({ call, ...(await endpoint.leftovers()) }).toEqual({ call, ...nothing });
    }
  }, 120_000);

  test('spawn: when an undo fails, the error says who removes the rest, and they do', async () => {
    const spec = fullSpec();
    const { calls } = await attempt((one) => one.spawn(fullSpec()));
    await destroyAll();
    const start = { call: calls.indexOf('power.start') + 1, when: 'after', kind: 'error' } as const;
    const undone = await attempt((one) => one.spawn(fullSpec()), start);
    const first = undone.calls.indexOf('volumes.delete') + 1;
    const { error } = await attempt((one) => one.spawn(spec), start, { call: first, when: 'before', kind: 'error' });
    expect(error).toMatchObject({ stateAfter: 'partial', message: expect.stringMatching(/Reconcile does that/) });
    expect((await endpoint.leftovers()).machines).toHaveLength(1);
    expect(await compute.reconcile()).toMatchObject([{ instanceId: spec.instanceId, outcome: 'removed' }]);
    expect(await endpoint.leftovers()).toEqual(nothing);
  });

  test('spawn: one that is resumed stays in the pool where it began', async () => {
    const spec = fullSpec();
    await attempt((one) => one.spawn(spec), await lastCallOf('power.start'));
    const [main] = await calm.volumes.pools().all();
    const rest = bytes(main!.freeBytes - mebibytes(32));
    const filler = await calm.volumes.create({
      pool: main!.id,
      name: 'filler',
      sizeBytes: rest,
      provisioning: 'thick',
    });
    const { record } = await compute.spawn(spec);
    expect(new Set(record.disks.map(({ pool }) => pool))).toEqual(new Set([main!.id]));
    await calm.volumes.delete(filler.id);
  });

  test('spawn: one that is resumed with another image is refused and keeps what it has', async () => {
    const spec = fullSpec();
    const unnamed = (content: Buffer): InstanceSpec => ({
      ...spec,
      image: {
        input: {
          name: 'changed',
          open: async function* () {
            yield content;
          },
        },
        declaration: { format: 'qcow2' },
      },
    });
    await attempt((one) => one.spawn(unnamed(qcow2())), await lastCallOf('power.start'));
    await expect(compute.spawn(unnamed(qcow2({ version: 2 })))).rejects.toMatchObject({ code: 'REQUEST.CONFLICT' });
    expect((await endpoint.leftovers()).volumes).toHaveLength(4);
    expectComplete(await compute.spawn(unnamed(qcow2())), spec);
  });

  test.each(['error', 'crash'] as const)(
    'destroy: after a %s at any call, destroy and reconcile go on to the end',
    async (kind) => {
      const probe = await compute.spawn(fullSpec());
      const { calls } = await attempt((one) => one.destroy(probe.instanceId));
      for (const accident of everyAccident(calls.length, kind)) {
        for (const again of ['destroy', 'reconcile'] as const) {
          const { instanceId } = await compute.spawn(fullSpec());
          await attempt((one) => one.destroy(instanceId), accident);
          await (again === 'destroy' ? compute.destroy(instanceId) : compute.reconcile());
          // Before its record was marked, reconcile has no reason to remove it.
          if (again === 'reconcile') await destroyAll();
          expect({ accident, ...(await endpoint.leftovers()) }).toEqual({ accident, ...nothing });
        }
      }
    },
    120_000,
  );

  test('attach and detach: after a failure at any call both or neither of disk and record know the volume', async () => {
    const { instanceId } = await compute.spawn(fullSpec());
    const [pool] = await calm.volumes.pools().all();
    const { id } = await calm.volumes.create({ pool: pool!.id, name: 'extra', sizeBytes: mebibytes(1) });
    const flows = {
      attach: (one: Compute) => one.attachVolume(instanceId, id),
      detach: (one: Compute) => one.detachVolume(instanceId, id),
    };
    for (const flow of ['attach', 'detach'] as const) {
      const prepare = flow === 'attach' ? flows.detach : flows.attach;
      await prepare(compute);
      const { calls } = await attempt(flows[flow]);
      for (const accident of everyAccident(calls.length, 'error')) {
        await prepare(compute);
        await attempt(flows[flow], accident);
        if (flow === 'attach') await expectAgreement(instanceId, id, accident);
        await flows[flow](compute);
        await expectAgreement(instanceId, id, accident);
      }
    }
    await flows.detach(compute);
    await compute.destroy(instanceId);
    await calm.volumes.delete(id);
  }, 120_000);

  /** A crash at the last call of this name that a spawn makes. */
  async function lastCallOf(name: string): Promise<Accident> {
    const { calls } = await attempt((one) => one.spawn(fullSpec()));
    await destroyAll();
    return { call: calls.lastIndexOf(name) + 1, when: 'before', kind: 'crash' };
  }

  async function expectAgreement(instanceId: string, id: VolumeId, accident: Accident): Promise<void> {
    const { machine, record } = await compute.show(instanceId);
    const attached = machine.disks.some(({ volume }) => volume?.key === id.key);
    const recorded = record.disks.some(({ volume }) => volume?.key === id.key);
    expect({ accident, attached, recorded }).toEqual({ accident, attached, recorded: attached });
  }

  async function destroyAll(): Promise<void> {
    for await (const { instanceId } of compute.list()) await compute.destroy(instanceId);
  }
});
