import { DriverError, type CallOptions } from '@virt-drivers/core';
import type { PropertyValues, Reference } from '@virt-drivers/vsphere';
import { unescapeName } from '../convert/native-name.js';
import type { Datacenter } from '../inventory.js';
import { aboutMachine, type MachineView } from '../machine-views.js';
import type { VmwareSession } from '../session.js';

/** A host, with the parts of it that connect it to other systems. */
export interface ReachedHost {
  readonly ref: Reference<'HostSystem'>;
  readonly id: string;
  readonly name: string;
  readonly storageSystem: Reference<'HostStorageSystem'>;
  readonly datastoreSystem: Reference<'HostDatastoreSystem'>;
  readonly datastores: readonly Reference[];
}

/** Where a machine may run without anybody being asked. */
export interface Reach {
  readonly datacenter: Datacenter;
  readonly hosts: readonly ReachedHost[];
}

const PATHS = [
  'name',
  'runtime.connectionState',
  'configManager.storageSystem',
  'configManager.datastoreSystem',
  'datastore',
] as const;

/**
 * The hosts that a remote volume is connected to: all connected ones of the machine's cluster, whose scheduler moves it
 * between them; or its only host. Errors: `HOST.UNREACHABLE` when the machine's own host is not among them.
 */
export async function reachOf(session: VmwareSession, view: MachineView, options: CallOptions): Promise<Reach> {
  const { ref, machine } = view;
  const about = { ...aboutMachine(machine.id), reads: true };
  const { 'runtime.host': own } = await session.center.call(about, options, (vsphere, call) =>
    vsphere.properties.get(ref, ['runtime.host'], call),
  );
  for (const datacenter of await session.inventory.datacenters(options)) {
    const from = datacenter.hostFolder;
    const owners = session.center.stream({ what: 'Hosts', reads: true }, options, (vsphere, call) =>
      vsphere.properties.retrieve({ from, type: 'ComputeResource', paths: ['host'] }, call),
    );
    for await (const { properties } of owners) {
      const members = properties.host ?? [];
      if (!members.some(({ value }) => value === own?.value)) continue;
      const hosts = await reached(session, members, options);
      if (hosts.some(({ id }) => id === own?.value)) return { hosts, datacenter };
    }
  }
  throw new DriverError(
    'HOST.UNREACHABLE',
    `Machine ${machine.id} is on a host that vCenter does not reach, or that this account may not see.`,
    { subject: machine.id },
  );
}

/** Those of these hosts that can be told something. */
export async function reached(
  { center }: VmwareSession,
  from: readonly Reference[],
  options: CallOptions,
): Promise<readonly ReachedHost[]> {
  const found: ReachedHost[] = [];
  const reading = center.stream({ what: 'Hosts', reads: true }, options, (vsphere, call) =>
    vsphere.properties.retrieve({ from, type: 'HostSystem', paths: PATHS }, call),
  );
  for await (const { ref, properties } of reading) {
    const host = toReached(ref.value, properties);
    if (host) found.push(host);
  }
  return found;
}

function toReached(id: string, values: PropertyValues<'HostSystem', (typeof PATHS)[number]>): ReachedHost | undefined {
  const storage = values['configManager.storageSystem'];
  const stores = values['configManager.datastoreSystem'];
  if (values['runtime.connectionState'] !== 'connected' || !storage || !stores) return undefined;
  return {
    ref: { type: 'HostSystem', value: id },
    id,
    name: unescapeName(values.name ?? id),
    storageSystem: { type: 'HostStorageSystem', value: storage.value },
    datastoreSystem: { type: 'HostDatastoreSystem', value: stores.value },
    datastores: values.datastore ?? [],
  };
}
