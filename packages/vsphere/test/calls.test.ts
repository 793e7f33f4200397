import { expect, test } from '@jest/globals';
import { connect, isFault, isVsphereError, type Reference, type Vsphere } from '../src/index.js';
import { collect, connectOptions, describeOnVcsim, withClient } from './on-vcsim.js';

async function machineNamed(vsphere: Vsphere, name: string): Promise<Reference<'VirtualMachine'>> {
  const request = { from: vsphere.content.rootFolder, type: 'VirtualMachine', paths: ['name'] } as const;
  for await (const { ref, properties } of vsphere.properties.retrieve(request))
    if (properties.name === name) return ref;
  throw new Error(`There is no machine ${name}.`);
}

await describeOnVcsim('calls', {}, (peer) => {
  test('the server tells what it is, and a listing has typed values', async () => {
    await withClient(peer, async (vsphere) => {
      expect(vsphere.content.about.apiType).toBe('VirtualCenter');
      const paths = ['name', 'runtime.powerState', 'config.hardware.device', 'summary.storage.committed'] as const;
      const request = { from: vsphere.content.rootFolder, type: 'VirtualMachine', paths } as const;
      const machines = await collect(vsphere.properties.retrieve(request));
      expect(machines.map(({ properties }) => properties.name).sort()).toEqual([
        'DC0_C0_RP0_VM0',
        'DC0_C0_RP0_VM1',
        'DC0_H0_VM0',
        'DC0_H0_VM1',
      ]);
      for (const { properties, missing } of machines) {
        expect(missing).toEqual([]);
        expect(properties['runtime.powerState']).toBe('poweredOn');
        expect(typeof properties['summary.storage.committed']).toBe('bigint');
        const disks = properties['config.hardware.device']?.filter((device) => device.$type === 'VirtualDisk');
        expect(disks).toHaveLength(1);
        expect(disks?.[0]?.capacityInKB).toBeGreaterThan(0n);
      }
    });
  });

  test('pages hold what was asked for, and nothing comes twice', async () => {
    await withClient(peer, async (vsphere) => {
      const request = {
        from: vsphere.content.rootFolder,
        type: 'VirtualMachine',
        paths: ['name'],
        pageSize: 1,
      } as const;
      const machines = await collect(vsphere.properties.retrieve(request));
      expect(new Set(machines.map(({ ref }) => ref.value)).size).toBe(4);
      expect(machines).toHaveLength(4);
    });
  });

  test('what is written is read back: text, numbers, devices', async () => {
    await withClient(peer, async (vsphere) => {
      const machine = await machineNamed(vsphere, 'DC0_H0_VM0');
      await vsphere.run(machine, 'PowerOffVM_Task', {});
      const annotation = 'ampersand & <less> "quote" \u00e9\u4e2d\u{1f600}\tline\r\nend';
      const controller = { $type: 'ParaVirtualSCSIController', key: -7, busNumber: 1, sharedBus: 'noSharing' } as const;
      await vsphere.run(machine, 'ReconfigVM_Task', {
        spec: { annotation, memoryMB: 512n, deviceChange: [{ operation: 'add', device: controller }] },
      });
      const paths = ['config.annotation', 'config.hardware.memoryMB', 'config.hardware.device'] as const;
      const read = await vsphere.properties.get(machine, paths);
      expect(read['config.annotation']).toBe(annotation);
      expect(read['config.hardware.memoryMB']).toBe(512);
      const buses = read['config.hardware.device']?.flatMap((one) =>
        one.$type === 'ParaVirtualSCSIController' ? [one.busNumber] : [],
      );
      expect(buses).toContain(1);
      if (peer.variant !== 'current') return;
      const witness = await peer.govc([
        'object.collect',
        '-json',
        `${machine.type}:${machine.value}`,
        'config.annotation',
      ]);
      // govc escapes `<`, `>` and `&` in its JSON.
      expect(JSON.stringify(JSON.parse(witness))).toContain(JSON.stringify(annotation));
    });
  });

  test('faults have types and data', async () => {
    await withClient(peer, async (vsphere) => {
      const machine = await machineNamed(vsphere, 'DC0_H0_VM1');
      const wrongState = await vsphere.run(machine, 'PowerOnVM_Task', {}).catch((error: unknown) => error);
      expect(isFault(wrongState, 'InvalidPowerState') && wrongState.fault.existingState).toBe('poweredOn');
      expect(isFault(wrongState, 'InvalidState')).toBe(true);
      expect(isFault(wrongState, 'NotFound')).toBe(false);
      const nobody = { type: 'VirtualMachine', value: 'vm-nobody' } as const;
      const gone = await vsphere.invoke(nobody, 'PowerOnVM_Task', {}).catch((error: unknown) => error);
      expect(isFault(gone, 'ManagedObjectNotFound') && gone.fault.obj).toEqual(nobody);
      const unread = await vsphere.properties.get(nobody, ['name']).catch((error: unknown) => error);
      expect(isFault(unread, 'ManagedObjectNotFound') && unread.fault.obj).toEqual(nobody);
      const path = await vsphere.properties.get(machine, ['config.nothing']).catch((error: unknown) => error);
      expect(isFault(path, 'InvalidProperty')).toBe(true);
    });
  });

  test('an object that does not exist is left out of a listing, and told', async () => {
    await withClient(peer, async (vsphere) => {
      const real = await machineNamed(vsphere, 'DC0_H0_VM1');
      const vanished: Reference[] = [];
      const ghosts = ['vm-a', 'vm-b'].map((value) => ({ type: 'VirtualMachine', value }) as const);
      const request = {
        from: [ghosts[0], real, ghosts[1]].flatMap((ref) => ref ?? []),
        type: 'VirtualMachine',
        paths: ['name'],
        onVanished: (ref: Reference) => vanished.push(ref),
      } as const;
      const machines = await collect(vsphere.properties.retrieve(request));
      expect(machines.map(({ ref }) => ref)).toEqual([real]);
      expect(vanished.map(({ value }) => value).sort()).toEqual(['vm-a', 'vm-b']);
    });
  });

  test('a wrong password is InvalidLogin; a wrong argument is refused before it is sent', async () => {
    const credentials = { username: peer.username, password: 'wrong' };
    const refused = await connect(connectOptions(peer, { credentials })).catch((error: unknown) => error);
    expect(isFault(refused, 'InvalidLogin')).toBe(true);
    expect(String(refused)).not.toContain('wrong');
    await withClient(peer, async (vsphere) => {
      const machine = await machineNamed(vsphere, 'DC0_H0_VM1');
      // A program in JavaScript can pass anything.
      const typo = Object.assign({}, { spec: { memoryMb: 1n } });
      const error = await vsphere.invoke(machine, 'ReconfigVM_Task', typo as never).catch((caught: unknown) => caught);
      expect(isVsphereError(error) && [error.code, error.sent]).toEqual(['INVALID_ARGUMENT', false]);
      expect(String(error)).toContain('ReconfigVM_Task.spec has no field memoryMb');
    });
  });

  test('calls of a closed client are refused, and its session is gone', async () => {
    const observer = await connect(connectOptions(peer));
    const before = await sessionCount(observer);
    const vsphere = await connect(connectOptions(peer));
    expect(await sessionCount(observer)).toBe(before + 1);
    await vsphere.close();
    expect(await sessionCount(observer)).toBe(before);
    const error = await vsphere.properties.get(vsphere.content.rootFolder, ['name']).catch((caught: unknown) => caught);
    expect(isVsphereError(error) && error.code).toBe('CLOSED');
    await observer.close();
  });

  test('PBM answers over the same session', async () => {
    await withClient(peer, async (vsphere) => {
      const service = { type: 'PbmServiceInstance', value: 'ServiceInstance' } as const;
      const { profileManager } = await vsphere.invoke(service, 'PbmRetrieveServiceContent', {});
      const resourceType = { resourceType: 'STORAGE' };
      const ids = await vsphere.invoke(profileManager, 'PbmQueryProfile', { resourceType });
      const profiles = await vsphere.invoke(profileManager, 'PbmRetrieveContent', { profileIds: ids });
      expect(profiles.length).toBeGreaterThan(0);
      expect(profiles.every(({ $type }) => $type === 'PbmCapabilityProfile')).toBe(true);
    });
  });
});

async function sessionCount(vsphere: Vsphere): Promise<number> {
  const manager = vsphere.content.sessionManager;
  if (!manager) throw new Error('There is no session manager.');
  return (await vsphere.properties.get(manager, ['sessionList'])).sessionList?.length ?? 0;
}
