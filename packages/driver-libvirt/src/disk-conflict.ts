import { DriverError, type Disk, type DiskSpec } from '@virt-drivers/core';
import { canonicalText } from '@virt-drivers/core/kit';
import { busOf } from './disk-planning.js';

/** Refuses to attach again what a machine has attached in another way. Errors: `DISK.CONFLICT`. */
export function refuseOtherWay(machine: string, known: Disk, spec: DiskSpec, what: string): void {
  const device = spec.device ?? 'disk';
  const wanted = {
    device,
    bus: busOf(spec),
    readOnly: device === 'media' || spec.readOnly === true,
    serial: spec.serial,
    shared: spec.shared === true,
    limits: spec.limits,
  };
  const { bus, readOnly, serial, shared, limits } = known;
  if (canonicalText(wanted) === canonicalText({ device: known.device, bus, readOnly, serial, shared, limits })) return;
  const message = `${what} is attached to machine ${machine} in another way, as disk ${known.id}. Detach that first.`;
  throw new DriverError('DISK.CONFLICT', message, { subject: known.id });
}
