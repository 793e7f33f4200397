import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { isDriverError, mebibytes, type Machine, type Volume } from '@virt-drivers/core';
import { placeOn, plainSpec } from './lifecycle.js';
import { witnessedCenter } from './simulated-center.js';
import { describeWith } from '@virt-drivers/peers/jest';

const center = await witnessedCenter();
afterAll(() => center?.stop());

describeWith('what is kept with a machine', center, (center) => {
  const { driver, proxy, peer, witness } = center;
  const record = { owner: 'instance-7', body: { count: 0 } };
  let machine: Machine;
  let volume: Volume;
  beforeAll(async () => {
    const { pool } = await placeOn(driver);
    volume = await driver.volumes.create({ pool, name: 'kept', sizeBytes: mebibytes(2) });
    machine = await driver.machines.create(plainSpec('kept', { record, disks: [{ volume: volume.id }] }));
  });
  const seen = async () => (await witness()).machines.find(({ uuid }) => uuid === machine.id);
  const write = async (by: typeof driver, count: number, ifRevision: string | null) =>
    by.machines.writeRecord(machine.id, { ...record, body: { count } }, { ifRevision });
  const revision = async () => (await driver.machines.record(machine.id))?.revision ?? null;

  test('of two programs that write at once, one is told to decide anew', async () => {
    const other = await center.open();
    for (let round = 1; round <= 5; round += 1) {
      const ifRevision = await revision();
      const results = await Promise.allSettled([write(driver, round, ifRevision), write(other, -round, ifRevision)]);
      const failed = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
      expect(failed).toHaveLength(1);
      expect(isDriverError(failed[0], 'RECORD.CONFLICT')).toBe(true);
      const [kept] = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      expect(await driver.machines.record(machine.id)).toEqual(kept);
    }
  });

  test('a change of something else in between is no conflict', async () => {
    const ifRevision = await revision();
    proxy.faults.next('ReconfigVM_Task', { kind: 'failing-task', type: 'ConcurrentAccess' });
    expect((await write(driver, 100, ifRevision)).body).toEqual({ count: 100 });
  });

  test('long records are kept whole, and shorter ones leave nothing of them', async () => {
    const text = 'straße "quoted" \\ \n 名前 '.repeat(2_000);
    const long = await driver.machines.writeRecord(
      machine.id,
      { ...record, body: { text } },
      { ifRevision: await revision() },
    );
    expect((await driver.machines.record(machine.id))?.body).toEqual({ text });
    const parts = (settings: ReadonlyMap<string, string> | undefined) =>
      [...(settings ?? [])].filter(([key, value]) => /record\.\d+$/.test(key) && value !== '');
    const many = parts((await seen())?.settings);
    expect(many.length).toBeGreaterThan(10);
    for (const [, value] of many) expect(value.length).toBeLessThanOrEqual(4096);
    await write(driver, 1, long.revision);
    expect((await driver.machines.record(machine.id))?.body).toEqual({ count: 1 });
  });

  test('what others set is left alone, whatever we change', async () => {
    const annotation = 'belongs to accounting';
    await peer.govc(['fields.add', 'cost-centre']).catch(() => undefined);
    await peer.govc(['fields.set', 'cost-centre', '4711', '/DC0/vm/kept']);
    await peer.govc(['vm.change', '-vm', 'kept', '-e', 'guestinfo.theirs=yes', '-annotation', annotation]);
    await driver.machines.update(machine.id, { name: 'kept too', memory: { sizeBytes: mebibytes(128) } });
    await driver.power.start(machine.id);
    await driver.power.kill(machine.id);
    await write(driver, 2, await revision());
    const now = await seen();
    expect(now).toMatchObject({ name: 'kept too', annotation, memoryMebibytes: 128 });
    expect(now?.settings.get('guestinfo.theirs')).toBe('yes');
    expect(await peer.govc(['fields.info', '-n', 'cost-centre', '/DC0/vm/kept too'])).toContain('4711');
  });

  test('a deletion keeps the volumes, and what others keep beside them', async () => {
    await peer.govc(['datastore.mkdir', '-ds', 'LocalDS_0', '-p', 'virt-drivers/theirs']);
    await driver.machines.delete(machine.id);
    const { files, machines } = await witness();
    expect(machines.map(({ uuid }) => uuid)).not.toContain(machine.id);
    expect(files.filter((file) => file.includes('/kept/'))).toHaveLength(2);
    expect(files.filter((file) => file.includes(`vd-${machine.id}`))).toEqual([]);
    await driver.volumes.delete(volume.id);
    expect((await witness()).files.filter((file) => file.includes('/kept/'))).toEqual([]);
    expect(await peer.govc(['datastore.ls', '-ds', 'LocalDS_0', 'virt-drivers'])).toContain('theirs');
  });
});
