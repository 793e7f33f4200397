import { afterAll, afterEach, expect, test } from '@jest/globals';
import { mebibytes, type Volume } from '@virt-drivers/core';
import { describeWith } from '@virt-drivers/peers/jest';
import { makeForeignMachine } from '../foreign-machine.js';
import { placeOn, plainSpec } from '../lifecycle.js';
import { makingsOf } from '../makings.js';
import { witnessedCenter } from '../simulated-center.js';

const center = await witnessedCenter();
afterAll(() => center?.stop());

describeWith('volumes that continue others', center, (center) => {
  const { driver, proxy, peer, witness } = center;
  const { machines, volumes } = driver;
  const makings = makingsOf(driver);
  afterEach(async () => {
    proxy.faults.clear();
    await makings.removeAll();
  });

  async function copyOf(source: Volume['id'], name: string, mode: 'linked' | 'full', sizeBytes?: Volume['sizeBytes']) {
    const size = sizeBytes === undefined ? {} : { sizeBytes };
    const task = await volumes.createFromVolume?.({ pool: source.pool, name, source, mode, ...size });
    const volume = await task?.result();
    if (!volume) throw new Error('The driver copies no volumes.');
    makings.later(() => volumes.delete(volume.id));
    return volume;
  }
  const isOurs = (file: string): boolean => file.includes('virt-drivers/');
  const files = async () => (await witness()).files.filter(isOurs);

  test('one continues another, which stays as it is meanwhile', async () => {
    const source = await makings.volume('base');
    const before = await witness();
    const link = await copyOf(source.id, 'web', 'linked');
    expect(link).toMatchObject({ base: source.id, sizeBytes: source.sizeBytes, attachedTo: [] });
    const further = await copyOf(link.id, 'web2', 'linked');
    expect(further.base).toEqual(link.id);
    // What made them is gone.
    expect((await witness()).machines).toEqual(before.machines);
    const heldBy = link.id.key;
    await expect(volumes.delete(source.id)).rejects.toMatchObject({ code: 'VOLUME.IN_USE', heldBy });
    await expect(volumes.grow(source.id, mebibytes(4))).rejects.toMatchObject({ code: 'VOLUME.IN_USE', heldBy });
    const spec = plainSpec('writer', { disks: [{ volume: source.id }] });
    await expect(machines.create(spec)).rejects.toMatchObject({ code: 'VOLUME.IN_USE', heldBy });
    for (const { id } of [further, link]) await volumes.delete(id);
    // That it was continued once is all that stays, until it goes itself.
    expect((await files()).filter((file) => !file.endsWith('/continued'))).toEqual(before.files.filter(isOurs));
    await volumes.delete(source.id);
    expect(await files()).toEqual([]);
  });

  test('it has the size of its source for ever; a full copy of it has not', async () => {
    const condition = { needs: 'volume-size' };
    const source = await makings.volume('small');
    await expect(copyOf(source.id, 'larger', 'linked', mebibytes(4))).rejects.toMatchObject({ condition });
    const link = await copyOf(source.id, 'same', 'linked', mebibytes(2));
    await expect(volumes.grow(link.id, mebibytes(4))).rejects.toMatchObject({ condition });
    const whole = await copyOf(link.id, 'whole', 'full', mebibytes(4));
    expect([whole.base, whole.sizeBytes]).toEqual([undefined, mebibytes(4)]);
  });

  test('a machine has it as its disk, and deletes it without its base', async () => {
    const source = await makings.volume('golden');
    const link = await copyOf(source.id, 'root', 'linked');
    const machine = await makings.machine('linked', link);
    expect(machine.disks.map(({ volume }) => volume)).toEqual([link.id]);
    expect((await volumes.get(link.id)).attachedTo).toEqual([machine.id]);
    expect((await volumes.get(source.id)).attachedTo).toEqual([]);
    await expect(copyOf(link.id, 'late', 'linked')).rejects.toMatchObject({ code: 'VOLUME.IN_USE' });
    await machines.delete(machine.id, { withVolumesOf: machine.disks.map(({ id }) => id) });
    await expect(volumes.get(link.id)).rejects.toMatchObject({ code: 'VOLUME.NOT_FOUND' });
    expect((await volumes.get(source.id)).sizeBytes).toBe(source.sizeBytes);
  });

  test.each(['CreateVM_Task', 'ReconfigVM_Task', 'Destroy_Task'])('nothing is left after %s failed', async (method) => {
    const source = await makings.volume(`of-${method}`);
    const before = await witness();
    proxy.faults.next(method, { kind: 'failing-task', type: 'NoDiskSpace' });
    await expect(copyOf(source.id, 'failing', 'linked')).rejects.toMatchObject({ code: 'POOL.FULL' });
    const after = await witness();
    expect(after.machines).toEqual(before.machines);
    // A note of what was not made means nothing, and hinders nothing.
    expect(after.files.filter((file) => !/\.link$|\/continued$/.test(file))).toEqual(before.files);
    await volumes.delete(source.id);
  });

  test('a template that somebody else made: its disk is copied whole, and is continued by nobody', async () => {
    await makeForeignMachine(peer, 'golden', '-disk', '2MiB');
    makings.later(() => peer.govc(['vm.destroy', 'golden']));
    await peer.govc(['vm.markastemplate', 'golden']);
    const { pool } = await placeOn(driver);
    const [template] = (await witness()).machines.filter(({ name }) => name === 'golden');
    const key = template?.files.find((file) => file.endsWith('.vmdk'))?.replace(/^\[[^\]]*\] /, '') ?? '';
    const copy = await copyOf({ pool, key }, 'from-template', 'full');
    expect(copy).toMatchObject({ sizeBytes: mebibytes(2), attachedTo: [] });
    await expect(copyOf({ pool, key }, 'linked-to-template', 'linked')).rejects.toMatchObject({
      code: 'REQUEST.INVALID',
    });
    const machine = await makings.machine('spawned', copy);
    expect(machine.disks.map(({ volume }) => volume)).toEqual([copy.id]);
  });
});
