import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { mebibytes, type Machine, type OpenDriver } from '@virt-drivers/core';
import type { VmwareDriverOptions } from '../src/index.js';
import { plainSpec } from './lifecycle.js';
import { witnessedCenter } from './simulated-center.js';
import { describeWith } from '@virt-drivers/peers/jest';

const center = await witnessedCenter({ datastores: 3 });
afterAll(() => center?.stop());

describeWith('where things go', center, (center) => {
  const { driver, peer, proxy, witness } = center;
  const made: Machine['id'][] = [];
  beforeAll(async () => {
    await peer.govc(['folder.create', '/DC0/vm/clouds', '/DC0/vm/clouds/tenant-a']);
    await peer.govc(['pool.create', '/DC0/host/DC0_C0/Resources/production']);
  });
  afterEach(async () => {
    proxy.faults.clear();
    for (const id of made.splice(0)) await driver.machines.delete(id);
  });
  const create = async (by: OpenDriver, more: Parameters<typeof plainSpec>[1] = {}): Promise<Machine> => {
    const machine = await by.machines.create(plainSpec('placed', more));
    made.push(machine.id);
    return machine;
  };
  const seen = async ({ id }: Machine) => (await witness()).machines.find(({ uuid }) => uuid === id);
  const poolNames = async (options: VmwareDriverOptions): Promise<string[]> =>
    (await (await center.open(options)).volumes.pools().all()).map(({ name }) => name).sort();
  const hostNamed = async (name: string) => (await driver.hosts.list().all()).find((host) => host.name === name);

  test('the folder and the resource pool of the options', async () => {
    const cluster = await hostNamed('DC0_C0');
    const by = await center.open({ folder: 'clouds/tenant-a', resourcePool: 'production' });
    const machine = await create(by, { ...(cluster && { host: cluster.id }) });
    expect(machine.host).toBe(cluster?.id);
    expect(await peer.govc(['find', '/DC0/vm/clouds', '-type', 'm'])).toBe('/DC0/vm/clouds/tenant-a/placed\n');
    const pool = await peer.govc(['object.collect', '-s', '/DC0/host/DC0_C0/Resources/production', 'vm']);
    expect(pool).toContain((await seen(machine))?.ref);
  });

  test('an option that names what is not there is refused before anything is made', async () => {
    const before = await witness();
    for (const options of [{ folder: 'clouds/nobody' }, { resourcePool: 'nothing' }, { storagePolicy: 'none such' }]) {
      const by = await center.open(options);
      await expect(by.machines.create(plainSpec('nowhere'))).rejects.toMatchObject({ code: 'REQUEST.INVALID' });
    }
    expect(await witness()).toEqual(before);
  });

  test('datastores by pattern', async () => {
    expect(await poolNames({})).toEqual(['LocalDS_0', 'LocalDS_1', 'LocalDS_2']);
    expect(await poolNames({ datastores: '_[12]$' })).toEqual(['LocalDS_1', 'LocalDS_2']);
    const by = await center.open({ datastores: '_2$' });
    expect((await seen(await create(by)))?.configFile).toMatch(/^\[LocalDS_2\] /);
  });

  test('datastores by storage policy, which new machines and disks follow', async () => {
    const policy = 'vSAN Default Storage Policy';
    const specs: string[] = [];
    proxy.faults.everyCall(({ method, operation }) => {
      if (/^(CreateVM|CreateVirtualDisk)_Task$/.test(method)) specs.push(JSON.stringify(operation));
      return undefined;
    });
    // The simulator finds that every datastore keeps every policy; the first is made to refuse.
    proxy.faults.every('PbmCheckRequirements', {
      kind: 'rewrite',
      rewrite: (answer) => ({ ...answer, body: Buffer.from(refuseFirst(answer.body.toString())) }),
    });
    const by = await center.open({ storagePolicy: policy });
    const pools = await by.volumes.pools().all();
    expect(pools).toHaveLength(2);
    const [pool] = pools;
    if (!pool) throw new Error('There is no pool.');
    const volume = await by.volumes.create({ pool: pool.id, name: 'ruled', sizeBytes: mebibytes(2) });
    const machine = await create(by, { disks: [{ volume: volume.id }] });
    expect((await seen(machine))?.files[0]).toContain(`[${pool.name}]`);
    expect(specs).toHaveLength(2);
    for (const spec of specs) expect(spec).toContain('aa6d5a82-1c88-45da-85d3-3d74b91a5bad');
    await driver.machines.delete(made.pop() ?? machine.id);
    await by.volumes.delete(volume.id);
  });

  test('neither a datastore nor a host in maintenance is chosen', async () => {
    const host = await hostNamed('DC0_H0');
    if (!host) throw new Error('There is no host DC0_H0.');
    await peer.govc(['host.maintenance.enter', '/DC0/host/DC0_H0/DC0_H0']);
    expect((await driver.hosts.get(host.id)).state).toBe('maintenance');
    await expect(driver.machines.create(plainSpec('placed', { host: host.id }))).rejects.toMatchObject({
      code: 'HOST.WRONG_STATE',
    });
    expect((await create(driver)).host).not.toBe(host.id);
    await peer.govc(['host.maintenance.exit', '/DC0/host/DC0_H0/DC0_H0']);
    proxy.faults.every('RetrievePropertiesEx', {
      kind: 'rewrite',
      rewrite: (answer) => ({
        ...answer,
        body: Buffer.from(
          answer.body.toString().replace(/(<name>LocalDS_0<\/name>.*?<maintenanceMode>)normal/gs, '$1inMaintenance'),
        ),
      }),
    });
    const states = (await driver.volumes.pools().all()).map(({ name, state }) => `${name} ${state}`);
    expect(states.sort()).toEqual(['LocalDS_0 maintenance', 'LocalDS_1 ready', 'LocalDS_2 ready']);
    expect((await seen(await create(driver)))?.configFile).not.toMatch(/^\[LocalDS_0\] /);
  });
});

/** The same answer, with an error for its first datastore. */
const refuseFirst = (xml: string): string =>
  xml.replace(
    /(<hub\b.*?<\/hub>.*?)(<\/returnval>)/s,
    '$1<error xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:vim="urn:vim25"><vim:fault xsi:type="vim:InvalidArgument"></vim:fault><vim:localizedMessage>no</vim:localizedMessage></error>$2',
  );
