import { DriverError, type CallOptions, type NicSpec } from '@virt-drivers/core';
import { networkLookupByName } from '@virt-drivers/libvirt';
import type { LibvirtSession } from './session.js';
import { parseNetwork, type NicPlan } from './convert/nic-xml.js';
import { newMacAddress } from './identity.js';

/** What a new nic will be. Errors: `NETWORK.NOT_FOUND`. */
export async function planNic(
  { daemon, endpoint }: LibvirtSession,
  spec: NicSpec,
  options: CallOptions,
  bootOrder?: number,
): Promise<NicPlan> {
  const { type, name } = parseNetwork(spec.network);
  if (type === 'network') {
    const about = { what: `Network ${spec.network}`, subject: spec.network, reads: true };
    await daemon.call(about, options, (connection, call) => networkLookupByName(connection, name, call));
  }
  if (spec.linkUp === false && endpoint.product === 'TEST') {
    throw new DriverError(
      'CAPABILITY.ABSENT',
      'Nics of libvirt’s test driver always have their cable in; leave linkUp out.',
    );
  }
  return {
    network: spec.network,
    macAddress: spec.macAddress ?? newMacAddress(),
    model: spec.model ?? 'paravirtual',
    linkUp: spec.linkUp ?? true,
    ...(spec.limits && { limits: spec.limits }),
    ...(bootOrder === undefined ? {} : { bootOrder }),
  };
}
