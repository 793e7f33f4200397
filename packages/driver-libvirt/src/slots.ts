import { DriverError, type Condition } from '@virt-drivers/core';
import { SPARE_SLOTS } from './convert/domain-xml.js';
import { attribute, child, children, type Element } from './convert/xml.js';

/** Why devices cannot be attached to a running machine without end. */
export const SLOTS: Condition = {
  needs: 'machine-type',
  limit: { max: SPARE_SLOTS, per: 'machine since its start' },
  reason:
    'PCI Express takes new devices only in ports that the machine was started with; this driver gives 8 spare ones.',
};

/** Refuses a device that would find no port. Errors: `DISK.LIMIT_REACHED`, or the code given. */
export function refuseWithoutSlot(
  machine: string,
  document: Element,
  code: 'DISK.LIMIT_REACHED' | 'NIC.LIMIT_REACHED' = 'DISK.LIMIT_REACHED',
): void {
  const devices = children(child(document, 'devices'));
  const ports = devices
    .filter((device) => attribute(device, 'model') === 'pcie-root-port')
    .map((port) => Number(attribute(port, 'index')));
  // A machine of another type has slots of its own, which the host counts.
  if (ports.length === 0) return;
  const used = new Set(
    devices.flatMap((device) =>
      attribute(device, 'type', 'address') === 'pci' ? [Number(attribute(device, 'bus', 'address'))] : [],
    ),
  );
  if (ports.some((port) => !used.has(port))) return;
  throw new DriverError(
    code,
    `Machine ${machine} has no free port for one more device while it runs. Stop it, or detach something.`,
    {
      subject: machine,
      condition: SLOTS,
    },
  );
}
