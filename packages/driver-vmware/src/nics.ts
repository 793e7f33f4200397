import {
  DriverError,
  type CallOptions,
  type FacetAs,
  type MachineId,
  type Nic,
  type NicId,
  type NicSpec,
} from '@virt-drivers/core';
import { afterChange } from '@virt-drivers/core/kit';
import type { AnyVirtualDevice } from '@virt-drivers/vsphere';
import type { capabilities } from './capabilities.js';
import { isNicDevice, newNicDevice, nicIdOf } from './convert/nic-device.js';
import type { MachineView } from './machine-views.js';
import { refuseAbsent } from './nic-limits.js';
import { findNetwork } from './networks.js';
import { reconfigureAsSeen } from './reconfigure.js';
import type { VmwareSession } from './session.js';

/** How many nics a machine has at most: vSphere's configuration maximums. */
export const MOST_NICS = 10;

/** Nics of virtual machines. */
export function createNics(session: VmwareSession): FacetAs<'nics', typeof capabilities.nics> {
  const { machines, locks } = session;

  const change = (
    view: MachineView,
    operation: 'add' | 'edit' | 'remove',
    device: AnyVirtualDevice,
    options: CallOptions,
  ): Promise<void> => reconfigureAsSeen(session, view, { deviceChange: [{ operation, device }] }, options);
  const find = ({ devices }: MachineView, nic: NicId) =>
    devices.filter(isNicDevice).find((device) => nicIdOf(device) === nic);
  const read = async (id: MachineId, pick: (nic: Nic) => boolean, options: CallOptions): Promise<Nic> => {
    const found = (await machines.view(id, options)).machine.nics.find(pick);
    if (found) return found;
    throw new DriverError('HOST.FAILED', `Machine ${id} did not get the nic, and the server gave no reason.`, {
      subject: id,
    });
  };

  return {
    attach: (id, spec, options = {}) =>
      locks.run(id, options, async () => {
        const view = await machines.view(id, options);
        const there = sameThere(view, spec);
        if (there) return there;
        refuseAbsent(spec);
        const network = await findNetwork(session.center, spec.network, options);
        if (view.machine.nics.length >= MOST_NICS)
          throw new DriverError('NIC.LIMIT_REACHED', `Machine ${id} has ${MOST_NICS} nics, and can have no more.`, {
            subject: id,
          });
        const before = new Set(view.machine.nics.map((nic) => nic.id));
        await change(view, 'add', newNicDevice(spec, network, 0), options);
        return afterChange(read(id, (nic) => !before.has(nic.id), options));
      }),
    detach: (id, nic, options = {}) =>
      locks.run(id, options, async () => {
        const view = await machines.view(id, options);
        const device = find(view, nic);
        if (device) await change(view, 'remove', device, options);
      }),
    setLink: (id, nic, linkUp, options = {}) =>
      locks.run(id, options, async () => {
        const view = await machines.view(id, options);
        const device = find(view, nic);
        if (!device) throw new DriverError('NIC.NOT_FOUND', `Machine ${id} has no nic ${nic}.`, { subject: nic });
        const connectable = {
          allowGuestControl: true,
          ...device.connectable,
          startConnected: linkUp,
          connected: linkUp,
        };
        await change(view, 'edit', { ...device, connectable }, options);
        return afterChange(read(id, (one) => one.id === nic, options));
      }),
  };
}

function sameThere({ machine }: MachineView, { macAddress, network, model, linkUp }: NicSpec): Nic | undefined {
  const there = machine.nics.find((nic) => nic.macAddress === macAddress);
  if (!there) return undefined;
  if (there.network === network && there.model === (model ?? 'paravirtual') && there.linkUp === (linkUp ?? true))
    return there;
  throw new DriverError(
    'NIC.CONFLICT',
    `Machine ${machine.id} has a nic with address ${macAddress} already, and it is another.`,
    {
      subject: there.id,
    },
  );
}
