import { afterAll, afterEach, expect, test } from '@jest/globals';
import { machineId, mebibytes, type Machine } from '@virt-drivers/core';
import { plainSpec } from './lifecycle.js';
import { witnessedCenter } from './simulated-center.js';
import { describeWith } from '@virt-drivers/peers/jest';

const center = await witnessedCenter();
afterAll(() => center?.stop());

describeWith('which machine is which, as another client sees it', center, (center) => {
  const { driver, peer, witness } = center;
  const made: Machine['id'][] = [];
  const create = async (...args: Parameters<typeof plainSpec>): Promise<Machine> => {
    const machine = await driver.machines.create(plainSpec(...args));
    made.push(machine.id);
    return machine;
  };
  const seen = async (uuid: string) => (await witness()).machines.find((one) => one.uuid === uuid);
  afterEach(async () => {
    for (const id of made.splice(0)) await driver.machines.delete(id, { kill: true });
  });

  test('a machine is known by its instance uuid, and its files lie in a folder of that', async () => {
    const { id } = await create('plain', { cpu: { count: 2 }, memory: { sizeBytes: mebibytes(128) } });
    const other = await seen(id);
    expect(other).toMatchObject({ name: 'plain', cpus: 2, memoryMebibytes: 128, powerState: 'poweredOff' });
    expect(other?.configFile).toContain(`vd-${id}/`);
  });

  test.each(['a/b', 'a%2fb', '50% \\ off', '名前 — “ñ”', 'x'.repeat(200)])('name %s is kept', async (name) => {
    const { id } = await create(name);
    expect((await driver.machines.get(id)).name).toBe(name);
    expect((await driver.machines.list().all()).map((machine) => machine.name)).toContain(name);
    const native = (await seen(id))?.name ?? '';
    expect(native.length).toBeLessThanOrEqual(80);
    expect(native).not.toContain('/');
  });

  test('two machines of one name are two machines', async () => {
    const [first, second] = [await create('twin'), await create('twin')];
    expect(first.id).not.toBe(second.id);
    expect([first.name, second.name]).toEqual(['twin', 'twin']);
    expect((await driver.machines.get(second.id)).name).toBe('twin');
  });

  test('a name that somebody else gave is the name', async () => {
    const { id } = await create('ours');
    await peer.govc(['vm.change', '-vm.uuid', id, '-name', 'theirs']).catch(async () => {
      await peer.govc(['object.rename', '/DC0/vm/ours', 'theirs']);
    });
    expect((await driver.machines.get(id)).name).toBe('theirs');
  });

  test('a clone by somebody else has neither our record nor our notes', async () => {
    const record = { owner: 'instance-1', body: { a: 1 } };
    const { id } = await create('original', { record, cpu: { count: 1, maximumCount: 4 } });
    await peer.govc(['vm.clone', '-on=false', '-vm', 'original', '-ds', 'LocalDS_0', '-host', 'DC0_H0', 'copy']);
    const clone = (await driver.machines.list().all()).find(({ name }) => name === 'copy');
    if (!clone) throw new Error('The clone is not listed.');
    made.push(clone.id);
    expect(clone.id).not.toBe(id);
    expect(clone.recordOwner).toBeUndefined();
    expect(clone.cpu.maximumCount).toBeUndefined();
    expect(await driver.machines.record(clone.id)).toBeUndefined();
    expect((await driver.machines.find({ recordOwner: 'instance-1' }))?.id).toBe(id);
  });

  test('a machine that was registered anew is found again', async () => {
    const { id } = await create('moved');
    const before = await seen(id);
    await peer.govc(['vm.unregister', 'moved']);
    await expect(driver.machines.get(id)).rejects.toMatchObject({ code: 'MACHINE.NOT_FOUND' });
    const file = before?.configFile.replace(/^\[.*\] /, '') ?? '';
    await peer.govc(['vm.register', '-host', 'DC0_H0', '-ds', 'LocalDS_0', file]);
    const again = (await witness()).machines.find(({ configFile }) => configFile === before?.configFile);
    expect(again?.ref).not.toBe(before?.ref);
    expect((await driver.machines.get(machineId(again?.uuid ?? ''))).id).toBe(again?.uuid);
    made.push(machineId(again?.uuid ?? ''));
  });

  test('templates are no machines', async () => {
    const { id } = await create('mould');
    await peer.govc(['vm.markastemplate', 'mould']);
    await expect(driver.machines.get(id)).rejects.toMatchObject({ code: 'MACHINE.NOT_FOUND' });
    expect((await driver.machines.list().all()).map((machine) => machine.id)).not.toContain(id);
    await peer.govc(['vm.markasvm', '-host', 'DC0_H0', 'mould']);
    expect((await driver.machines.get(id)).name).toBe('mould');
  });

  test('another datacenter is out of sight for a target that names one', async () => {
    const { id } = await create('here');
    const [inDc0, elsewhere] = [await center.open({}, 'DC0'), await center.open({}, 'DC1')];
    expect((await inDc0.machines.get(id)).name).toBe('here');
    await expect(elsewhere.machines.get(id)).rejects.toMatchObject({ code: 'MACHINE.NOT_FOUND' });
    expect(await elsewhere.machines.list().all()).toEqual([]);
  });
});
