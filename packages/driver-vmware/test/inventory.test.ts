import { afterAll, afterEach, expect, test } from '@jest/globals';
import { describeWith } from '@virt-drivers/peers/jest';
import { simulatedCenter } from './simulated-center.js';

const DATACENTERS = 3;
const STORES = 2 * DATACENTERS;
// One on the host and one in the cluster of each.
const MACHINES = 2 * DATACENTERS;
const center = await simulatedCenter({ datacenters: DATACENTERS, datastores: STORES / DATACENTERS });
afterAll(() => center?.stop());

describeWith(`what is read of ${DATACENTERS} datacenters`, center, (center) => {
  const { proxy, open } = center;
  afterEach(() => {
    proxy.settings.vanished.length = 0;
    proxy.settings.denied.length = 0;
  });

  test('a first listing asks for the datastores of all datacenters at once, and gives its views back', async () => {
    const driver = await open();
    const begun = proxy.requests.length;
    const machines = await driver.machines.list().all();
    const asked = proxy.requests.slice(begun).map(({ method }) => method);
    expect(asked.sort()).toEqual([
      // Machines, and datacenters: a view of each, what it shows, and these objects.
      ...Array<string>(2).fill('CreateContainerView'),
      ...Array<string>(2).fill('DestroyView'),
      // The fifth is for the datastores.
      ...Array<string>(5).fill('RetrievePropertiesEx'),
    ]);
    expect(machines).toHaveLength(MACHINES);
    const stores = machines.map(({ disks }) => disks.find(({ device }) => device === 'disk')?.volume?.pool);
    expect(stores).not.toContain(undefined);
    expect(new Set(stores).size).toBe(DATACENTERS);
  });

  test('a datastore that vanishes after its datacenter named it is left out', async () => {
    const [gone, ...others] = (await center.driver.volumes.pools().all()).map(({ id }) => id);
    if (gone === undefined) throw new Error('There is no pool.');
    proxy.settings.vanished.push({ type: 'Datastore', value: gone });
    const driver = await open();
    expect(await driver.machines.list().all()).toHaveLength(MACHINES);
    expect((await driver.volumes.pools().all()).map(({ id }) => id)).toEqual(others);
    await expect(driver.volumes.pool(gone)).rejects.toMatchObject({ code: 'POOL.NOT_FOUND' });
  });

  test('machines are listed for those who may not read datastores', async () => {
    for (const path of ['name', 'summary']) proxy.settings.denied.push({ type: 'Datastore', path });
    const driver = await open();
    expect(await driver.volumes.pools().all()).toEqual([]);
    expect(await driver.machines.list().all()).toHaveLength(MACHINES);
  });

  test('a target that names a datacenter has the datastores of that one', async () => {
    const all = await center.driver.volumes.pools().all();
    expect(all).toHaveLength(STORES);
    const some = await (await open({}, 'DC1')).volumes.pools().all();
    expect(some).toHaveLength(STORES / DATACENTERS);
    expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining(some.map(({ id }) => id)));
  });
});
