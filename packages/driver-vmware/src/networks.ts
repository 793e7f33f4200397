import { DriverError, networkId, type CallOptions, type NetworkId } from '@virt-drivers/core';
import type { Reference } from '@virt-drivers/vsphere';
import type { Center } from './connection.js';
import type { NativeNetwork } from './convert/nic-device.js';
import { unescapeName } from './convert/native-name.js';

/** A network that nics may attach to. */
export interface NamedNetwork {
  readonly id: NetworkId;
  readonly name: string;
}

const about = (id: string) =>
  ({ what: `Network ${id}`, subject: id, reads: true, notFound: 'NETWORK.NOT_FOUND' }) as const;

/** The networks among these objects, without those that switches use to reach the outside. */
export async function namedNetworks(
  center: Center,
  refs: readonly Reference[],
  options: CallOptions,
): Promise<readonly NamedNetwork[]> {
  const named: NamedNetwork[] = [];
  const add = ({ value }: Reference, name: string | undefined): void => {
    if (name !== undefined) named.push({ id: networkId(value), name: unescapeName(name) });
  };
  const groups = refs.filter(({ type }) => type === 'DistributedVirtualPortgroup');
  const others = refs.filter(({ type }) => type !== 'DistributedVirtualPortgroup');
  const standard = center.stream({ what: 'Networks', reads: true }, options, (vsphere, call) =>
    vsphere.properties.retrieve({ from: others, type: 'Network', paths: ['name'] }, call),
  );
  for await (const { ref, properties } of standard) add(ref, properties.name);
  const distributed = center.stream({ what: 'Networks', reads: true }, options, (vsphere, call) =>
    vsphere.properties.retrieve({ from: groups, type: 'DistributedVirtualPortgroup', paths: ['name', 'tag'] }, call),
  );
  for await (const { ref, properties } of distributed)
    if (!properties.tag?.some(({ key }) => key === UPLINK_TAG)) add(ref, properties.name);
  return named;
}

// What vCenter puts on the port groups of physical uplinks.
const UPLINK_TAG = 'SYSTEM/DVS.UPLINKPG';

/** How nics are attached to this network. Errors: `NETWORK.NOT_FOUND`, before anything is asked of a machine. */
export async function findNetwork(center: Center, id: NetworkId, options: CallOptions): Promise<NativeNetwork> {
  const found = /^dvportgroup-/.test(id)
    ? await distributedNetwork(center, id, options)
    : await plainNetwork(center, id, options);
  if (found) return found;
  throw new DriverError('NETWORK.NOT_FOUND', `Network ${id} is not there; hosts.inventory lists those of a host.`, {
    subject: id,
  });
}

async function distributedNetwork(
  center: Center,
  id: NetworkId,
  options: CallOptions,
): Promise<NativeNetwork | undefined> {
  return center.call(about(id), options, async (vsphere, call) => {
    const ref = { type: 'DistributedVirtualPortgroup', value: id } as const;
    const group = await vsphere.properties.get(ref, ['key', 'config.distributedVirtualSwitch'], call);
    const owner = group['config.distributedVirtualSwitch'];
    if (!owner || group.key === undefined) return undefined;
    const { uuid } = await vsphere.properties.get(
      { type: 'DistributedVirtualSwitch', value: owner.value },
      ['uuid'],
      call,
    );
    return uuid === undefined ? undefined : { kind: 'distributed', id, portgroupKey: group.key, switchUuid: uuid };
  });
}

async function plainNetwork(center: Center, id: NetworkId, options: CallOptions): Promise<NativeNetwork | undefined> {
  return center.call(about(id), options, async (vsphere, call) => {
    const ref = { type: 'Network', value: id } as const;
    const { name, summary } = await vsphere.properties.get(ref, ['name', 'summary'], call);
    if (summary?.$type === 'OpaqueNetworkSummary') {
      const { opaqueNetworkId, opaqueNetworkType } = summary;
      return { kind: 'opaque', id, opaqueNetworkId, opaqueNetworkType };
    }
    return name === undefined ? undefined : { kind: 'standard', id, type: 'Network', name };
  });
}
