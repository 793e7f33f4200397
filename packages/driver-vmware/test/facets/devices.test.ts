import { afterAll, afterEach, expect, test } from '@jest/globals';
import { mebibytes, type Host, type Machine } from '@virt-drivers/core';
import { witnessedCenter } from '../simulated-center.js';
import { describeWith } from '@virt-drivers/peers/jest';

const center = await witnessedCenter({ poweredOn: false });
afterAll(() => center?.stop());

const ADDRESS = '0000:00:00.0';

describeWith('devices of hosts', center, (center) => {
  const { driver, proxy, peer } = center;
  const { passthrough, encryption, machines } = driver;
  proxy.settings.passthrough = [ADDRESS];
  const made: Machine[] = [];
  afterEach(async () => {
    for (const { id } of made.splice(0)) await machines.delete(id, { kill: true });
  });

  async function machineOn(host: Host, firmware: 'bios' | 'uefi' = 'bios'): Promise<Machine> {
    const machine = await machines.create({
      name: `devices-${made.length}`,
      host: host.id,
      cpu: { count: 1 },
      memory: { sizeBytes: mebibytes(64) },
      boot: { firmware },
      disks: [],
      nics: [],
    });
    made.push(machine);
    return machine;
  }

  /** The kinds of devices that another client sees. */
  const devicesByGovc = async ({ name }: Machine): Promise<string> => peer.govc(['device.ls', '-vm', name]);

  async function twoHosts(): Promise<readonly [Host, Host]> {
    const [one, other] = await driver.hosts.list().all();
    if (!one || !other || !passthrough) throw new Error('The simulator has no two hosts.');
    return [one, other];
  }

  test('a function goes to one machine of its host, and comes back', async () => {
    const [host, other] = await twoHosts();
    const [device] = (await passthrough?.list(host.id).all()) ?? [];
    expect(device).toMatchObject({ host: host.id, kind: 'pci', vendorId: '8086', productId: '7190' });
    if (!device) throw new Error('No device, though one was expected above.');
    const [one, two, far] = [await machineOn(host), await machineOn(host), await machineOn(other)];
    for (let i = 0; i < 2; i += 1) await passthrough?.attach(one.id, device.id);
    expect((await passthrough?.list(host.id).all())?.[0]?.attachedTo).toBe(one.id);
    expect(await devicesByGovc(one)).toMatch(/PCIPassthrough/i);
    await expect(passthrough?.attach(two.id, device.id)).rejects.toMatchObject({
      code: 'REQUEST.CONFLICT',
      heldBy: one.id,
    });
    for (let i = 0; i < 2; i += 1) await passthrough?.detach(one.id, device.id);
    expect(await devicesByGovc(one)).not.toMatch(/PCIPassthrough/i);
    await expect(passthrough?.attach(far.id, device.id)).rejects.toMatchObject({ code: 'CAPABILITY.CONDITION_UNMET' });
  });

  test('a virtual function of a network card becomes a nic of several machines, and goes again', async () => {
    proxy.settings.virtualFunctions = [ADDRESS];
    proxy.settings.passthrough = [];
    try {
      const [host] = await twoHosts();
      const { networks } = await driver.hosts.inventory(host.id);
      const devices = (await passthrough?.list(host.id).all()) ?? [];
      expect(devices.map(({ kind }) => kind)).toEqual(networks.map(() => 'mediated'));
      const [device] = devices;
      const [network] = networks;
      if (!device || !network) throw new Error('No device, though some were expected above.');
      const machineIds = [(await machineOn(host)).id, (await machineOn(host)).id];
      for (const id of machineIds) {
        for (let i = 0; i < 2; i += 1) await passthrough?.attach(id, device.id);
        expect((await machines.get(id)).nics).toMatchObject([{ network: network.id }]);
      }
      const [seen] = made.slice(-1);
      expect(seen && (await devicesByGovc(seen))).toMatch(/Sriov/i);
      for (const id of machineIds) {
        for (let i = 0; i < 2; i += 1) await passthrough?.detach(id, device.id);
        expect((await machines.get(id)).nics).toEqual([]);
      }
    } finally {
      proxy.settings.virtualFunctions = [];
      proxy.settings.passthrough = [ADDRESS];
    }
  });

  test('a slice of a graphics card goes to several machines, and another client sees what it is', async () => {
    proxy.settings.graphicsProfiles = ['grid_p40-2q', 'grid/odd name'];
    try {
      const [host] = await twoHosts();
      const slices = ((await passthrough?.list(host.id).all()) ?? []).filter(({ kind }) => kind === 'mediated');
      expect(slices.map(({ name }) => name)).toEqual(['grid_p40-2q', 'grid/odd name']);
      const [one, two] = [await machineOn(host), await machineOn(host)];
      for (const [machine, slice] of [
        [one, slices[0]],
        [two, slices[0]],
        [two, slices[1]],
      ] as const)
        for (let i = 0; i < 2; i += 1) if (slice) await passthrough?.attach(machine.id, slice.id);
      const info = async ({ name }: Machine) => peer.govc(['device.info', '-json', '-vm', name, 'pcipassthrough-*']);
      expect(await info(one)).toMatch(/"vgpu":\s*"grid_p40-2q"/);
      expect(await info(two)).toMatch(/"vgpu":\s*"grid\/odd name"/);
      for (const slice of slices) for (let i = 0; i < 2; i += 1) await passthrough?.detach(two.id, slice.id);
      expect(await devicesByGovc(two)).not.toMatch(/PCIPassthrough/i);
      expect(await devicesByGovc(one)).toMatch(/PCIPassthrough/i);
    } finally {
      proxy.settings.graphicsProfiles = [];
    }
  });

  test('a machine that runs gets none', async () => {
    const [host] = await twoHosts();
    const [device] = (await passthrough?.list(host.id).all()) ?? [];
    const machine = await machineOn(host);
    await driver.power.start(machine.id);
    if (device)
      await expect(passthrough?.attach(machine.id, device.id)).rejects.toMatchObject({
        code: 'CAPABILITY.CONDITION_UNMET',
        condition: { needs: 'machine-stopped' },
      });
  });

  test('a TPM needs UEFI, and another client sees it', async () => {
    const [host] = await twoHosts();
    const [bios, uefi] = [await machineOn(host), await machineOn(host, 'uefi')];
    await expect(encryption?.setTpm?.(bios.id, true)).rejects.toMatchObject({
      code: 'CAPABILITY.CONDITION_UNMET',
      condition: { needs: 'firmware' },
    });
    await encryption?.setTpm?.(uefi.id, true);
    expect(await devicesByGovc(uefi)).toMatch(/TPM/);
    await encryption?.setTpm?.(uefi.id, false);
    expect(await devicesByGovc(uefi)).not.toMatch(/TPM/);
  });
});
