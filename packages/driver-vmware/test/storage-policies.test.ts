import { afterAll, afterEach, expect, test } from '@jest/globals';
import { mebibytes, type Machine, type PoolId, type Volume } from '@virt-drivers/core';
import { describeWith } from '@virt-drivers/peers/jest';
import { connect } from '@virt-drivers/vsphere';
import { placeOn } from './lifecycle.js';
import { makingsOf } from './makings.js';
import { witnessedCenter } from './simulated-center.js';

const center = await witnessedCenter({ datastores: 1 });
afterAll(() => center?.stop());

const POLICY = 'vSAN Default Storage Policy';
const ID = 'aa6d5a82-1c88-45da-85d3-3d74b91a5bad';

describeWith('storage policies of single disks', center, (center) => {
  const { driver, peer, proxy, witness } = center;
  const { machines, volumes, disks } = driver;
  const makings = makingsOf(driver);
  afterEach(async () => {
    proxy.faults.clear();
    await makings.removeAll();
  });

  const volumeOf = (name: string, storagePolicy: string): Promise<Volume> =>
    makings.volume(name, { extensions: { vmware: { storagePolicy } } });

  /** The policies in requests of these methods, as they were sent. */
  function listen(methods: RegExp): readonly string[] {
    const heard: string[] = [];
    proxy.faults.everyCall(({ method, operation }) => {
      if (!methods.test(method)) return undefined;
      const ids = [...JSON.stringify(operation).matchAll(/"profileId"[^}]*"text":"([^"]+)"/g)].map(([, id]) => id);
      heard.push(`${method} ${ids.join()}`.trim());
      return undefined;
    });
    return heard;
  }

  /** What the server's policy service says of a machine's disk. A stand-in answers: the simulator knows of none. */
  async function policiesOf({ id }: Machine, volume: Volume): Promise<readonly string[]> {
    const credentials = { username: peer.username, password: peer.password };
    const vsphere = await connect({ url: proxy.url, credentials });
    try {
      const ref = (await witness()).machines.find(({ uuid }) => uuid === id)?.ref ?? '';
      const devices = await vsphere.properties.get({ type: 'VirtualMachine', value: ref }, ['config.hardware.device']);
      const device = devices['config.hardware.device']?.find(
        ({ backing }) => backing && 'fileName' in backing && backing.fileName.endsWith(volume.id.key),
      );
      const service = { type: 'PbmServiceInstance', value: 'ServiceInstance' } as const;
      const { profileManager } = await vsphere.invoke(service, 'PbmRetrieveServiceContent', {});
      const entity = { objectType: 'virtualDiskId', key: `${ref}:${device?.key}` };
      const found = await vsphere.invoke(profileManager, 'PbmQueryAssociatedProfile', { entity });
      return [...found].map(({ uniqueId }) => uniqueId);
    } finally {
      await vsphere.close();
    }
  }

  test('a disk follows its own policy where it is made, and wherever it is attached', async () => {
    const heard = listen(/^(CreateVirtualDisk|CreateVM|ReconfigVM)_Task$/);
    const [own, plain] = [await volumeOf('ruled', POLICY), await makings.volume('free')];
    const machine = await makings.machine('rules', plain);
    const disk = await disks.attach(machine.id, { volume: own.id });
    expect(heard.filter((line) => line.includes(ID))).toEqual([
      `CreateVirtualDisk_Task ${ID}`,
      `ReconfigVM_Task ${ID}`,
    ]);
    expect(heard).toContain('CreateVM_Task');
    expect(await policiesOf(machine, own)).toEqual([ID]);
    expect(await policiesOf(machine, plain)).toEqual([]);
    await disks.detach(machine.id, disk.id);
    // Another process knows it too.
    const other = await center.open();
    await other.disks.attach(machine.id, { volume: own.id });
    expect(heard.at(-1)).toBe(`ReconfigVM_Task ${ID}`);
    // It is no volume, and goes with its own.
    expect((await volumes.list(own.id.pool).all()).map(({ name }) => name).sort()).toEqual(['free', 'ruled']);
    await machines.delete(machine.id, { kill: true });
    await volumes.delete(own.id);
    expect((await witness()).files.filter((file) => file.includes('ruled'))).toEqual([]);
  });

  test('one that nobody has is refused before anything is made', async () => {
    const before = await witness();
    await expect(volumeOf('nowhere', 'none such')).rejects.toMatchObject({ code: 'REQUEST.INVALID' });
    const wrong = { vmware: { storagePolicies: POLICY } };
    const { pool } = await placeOn(driver);
    await expect(
      volumes.create({ pool, name: 'nowhere', sizeBytes: mebibytes(2), extensions: JSON.parse(JSON.stringify(wrong)) }),
    ).rejects.toMatchObject({ code: 'REQUEST.INVALID' });
    expect(await witness()).toEqual(before);
  });

  test('a datastore that cannot keep it is refused before anything is made', async () => {
    const before = await witness();
    proxy.faults.every('PbmCheckRequirements', {
      kind: 'rewrite',
      rewrite: (answer) => ({ ...answer, body: Buffer.from(refused(answer.body.toString())) }),
    });
    await expect(volumeOf('nowhere', POLICY)).rejects.toMatchObject({
      code: 'CAPABILITY.CONDITION_UNMET',
      condition: { needs: 'pool-kind', value: POLICY },
    });
    expect(await witness()).toEqual(before);
    expect(await peer.govc(['storage.policy.ls'])).toContain(POLICY);
  });

  test('a copy has the policy that it asks for, not that of its source', async () => {
    const source = await volumeOf('source', POLICY);
    const task = await volumes.createFromVolume?.({ pool: poolOf(source), name: 'copied', source: source.id });
    const copy = await task?.result();
    if (!copy) throw new Error('The driver copies no volumes.');
    makings.later(() => volumes.delete(copy.id));
    const heard = listen(/^CreateVM_Task$/);
    await makings.machine('user', copy);
    expect(heard).toEqual(['CreateVM_Task']);
  });
});

const poolOf = ({ id }: Volume): PoolId => id.pool;

/** The same answer, with an error for each datastore. */
const refused = (xml: string): string =>
  xml.replace(
    /(<hub\b.*?<\/hub>.*?)(<\/returnval>)/gs,
    '$1<error xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:vim="urn:vim25"><vim:fault xsi:type="vim:InvalidArgument"></vim:fault><vim:localizedMessage>no</vim:localizedMessage></error>$2',
  );
