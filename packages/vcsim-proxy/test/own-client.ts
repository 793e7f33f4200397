import { readFile } from 'node:fs/promises';
import { connect, type Reference, type Vsphere } from '@virt-drivers/vsphere';
import type { Simulated } from './simulator.js';

/** Runs some work with a client of ours that goes through the proxy, and closes it. */
export async function withOwnClient<T>(here: Simulated, work: (vsphere: Vsphere) => Promise<T>): Promise<T> {
  const { proxy, peer, authority } = here;
  const vsphere = await connect({
    url: proxy.url,
    credentials: { username: peer.username, password: peer.password },
    tls: { ca: await readFile(authority, 'utf8') },
    keepAliveMs: 0,
    callTimeoutMs: 20_000,
  });
  try {
    return await work(vsphere);
  } finally {
    await vsphere.close();
  }
}

/** All machines by name, in pages of two. */
export async function machines(vsphere: Vsphere): Promise<ReadonlyMap<string, Reference<'VirtualMachine'>>> {
  const from = vsphere.content.rootFolder;
  const found = new Map<string, Reference<'VirtualMachine'>>();
  for await (const { ref, properties } of vsphere.properties.retrieve({
    from,
    type: 'VirtualMachine',
    paths: ['name'],
    pageSize: 2,
  }))
    found.set(properties.name ?? '', ref);
  return found;
}

/** One of the machines that every simulator has. */
export async function machine(vsphere: Vsphere, name = 'DC0_H0_VM0'): Promise<Reference<'VirtualMachine'>> {
  const found = (await machines(vsphere)).get(name);
  if (!found) throw new Error(`There is no ${name}.`);
  return found;
}

/** Begins to import a machine with one disk. */
export async function beginImport(vsphere: Vsphere, name: string): Promise<Reference<'HttpNfcLease'>> {
  const from = vsphere.content.rootFolder;
  const first = async <T extends 'ResourcePool' | 'Datacenter'>(type: T) => {
    for await (const { ref } of vsphere.properties.retrieve({ from, type, paths: ['name'] })) return ref;
    throw new Error(`There is no ${type}.`);
  };
  const { vmFolder } = await vsphere.properties.get(await first('Datacenter'), ['vmFolder']);
  const device = { $type: 'ParaVirtualSCSIController', key: 1000, busNumber: 0, sharedBus: 'noSharing' } as const;
  const files = { vmPathName: '[LocalDS_0]' };
  const configSpec = { name, numCPUs: 1, memoryMB: 64n, guestId: 'otherGuest', files };
  const deviceChange = [{ operation: 'add', device }] as const;
  const spec = { $type: 'VirtualMachineImportSpec', configSpec: { ...configSpec, deviceChange } } as const;
  return vsphere.invoke(await first('ResourcePool'), 'ImportVApp', { spec, folder: vmFolder });
}
