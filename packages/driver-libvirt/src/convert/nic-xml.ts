import { bitsPerSecond, networkId, nicId, DriverError } from '@virt-drivers/core';
import type { NetworkId, Nic, NicLimits } from '@virt-drivers/core';
import { attribute, child, tree, type Element, type Tree } from './xml.js';

/** A nic to be written. */
export interface NicPlan {
  readonly network: NetworkId;
  readonly macAddress: string;
  readonly model: 'paravirtual' | 'emulated';
  readonly linkUp: boolean;
  readonly limits?: NicLimits;
  readonly bootOrder?: number;
}

/** QEMU's own network behind the host's address: always there, reaches out only. */
export const USER_NETWORK = networkId('user');

/** Where a nic goes, taken from an id: `network:NAME`, `bridge:NAME` or `user`. Errors: `NETWORK.NOT_FOUND`. */
export function parseNetwork(id: NetworkId): { readonly type: 'network' | 'bridge' | 'user'; readonly name: string } {
  if (id === USER_NETWORK) return { type: 'user', name: '' };
  const [, type, name] = /^(network|bridge):(.+)$/s.exec(id) ?? [];
  if ((type === 'network' || type === 'bridge') && name !== undefined) return { type, name };
  throw new DriverError(
    'NETWORK.NOT_FOUND',
    `Network ${id} is unknown; hosts.inventory lists the networks of this host.`,
    {
      subject: id,
    },
  );
}

export function nicTree(plan: NicPlan): Tree {
  const { type, name } = parseNetwork(plan.network);
  return tree(
    'interface',
    { type },
    tree('mac', { address: plan.macAddress }),
    type === 'user' ? undefined : tree('source', { [type]: name }),
    tree('model', { type: plan.model === 'paravirtual' ? 'virtio' : 'e1000' }),
    plan.linkUp ? undefined : tree('link', { state: 'down' }),
    limitsTree(plan.limits),
    plan.bootOrder === undefined ? undefined : tree('boot', { order: plan.bootOrder }),
  );
}

export function limitsTree(limits: NicLimits | undefined): Tree | undefined {
  if (limits?.receive === undefined && limits?.send === undefined) return undefined;
  const direction = (name: string, limit: bigint | undefined): Tree | undefined =>
    limit === undefined ? undefined : tree(name, { average: kibibytesPerSecond(limit) });
  return tree('bandwidth', {}, direction('inbound', limits.receive), direction('outbound', limits.send));
}

/** libvirt counts in KiB/s and takes no fraction; rounding up keeps what was asked for within reach. */
export const kibibytesPerSecond = (limit: bigint): bigint => (limit + 8_191n) / 8_192n;

export function readNic(element: Element): Nic {
  const type = attribute(element, 'type') ?? '';
  const source = attribute(element, type, 'source') ?? attribute(element, 'dev', 'source');
  const macAddress = attribute(element, 'address', 'mac') ?? '';
  const limits = readLimits(child(element, 'bandwidth'));
  return {
    id: nicId(macAddress),
    network: networkId(source === undefined ? type : `${type}:${source}`),
    macAddress,
    model: attribute(element, 'type', 'model')?.startsWith('virtio') ? 'paravirtual' : 'emulated',
    linkUp: attribute(element, 'state', 'link') !== 'down',
    ...(limits && { limits }),
  };
}

function readLimits(element: Element | undefined): NicLimits | undefined {
  const receive = attribute(element, 'average', 'inbound');
  const send = attribute(element, 'average', 'outbound');
  if (receive === undefined && send === undefined) return undefined;
  return {
    ...(receive === undefined ? {} : { receive: bitsPerSecond(BigInt(receive) * 8_192n) }),
    ...(send === undefined ? {} : { send: bitsPerSecond(BigInt(send) * 8_192n) }),
  };
}
