import { bytes, DriverError, isDriverError, type DiskSpec, type OpenDriver } from '@virt-drivers/core';
import type { Mutant } from './mutant.js';

function withoutSerial(disk: DiskSpec): DiskSpec {
  const { serial, ...rest } = disk;
  void serial;
  return rest;
}

export const deviceMutants: readonly Mutant[] = [
  {
    flaw: 'Serials of disks are dropped.',
    fails: ['disks/serial-is-kept', 'migration/copies-storage'],
    spoil: (open) => ({
      ...open,
      machines: {
        ...open.machines,
        create: (spec, call) => open.machines.create(spec && { ...spec, disks: spec.disks.map(withoutSerial) }, call),
      },
      disks: { ...open.disks, attach: (id, disk, call) => open.disks.attach(id, withoutSerial(disk), call) },
    }),
  },
  {
    flaw: 'Attaching a nic whose address is there already makes a second one.',
    fails: ['nics/attach-twice-is-one'],
    spoil: (open) => ({
      ...open,
      nics: {
        ...open.nics,
        async attach(id, { macAddress, ...nic }, call) {
          const { nics } = await open.machines.get(id, call);
          const isThere = nics.some((one) => one.macAddress === macAddress);
          return open.nics.attach(id, isThere || macAddress === undefined ? nic : { ...nic, macAddress }, call);
        },
      },
    }),
  },
  {
    flaw: 'Detaching a disk that is not there is an error.',
    fails: ['idempotence/detach-twice'],
    spoil: (open) => ({
      ...open,
      disks: {
        ...open.disks,
        async detach(id, disk, call) {
          const { disks } = await open.machines.get(id, call);
          if (!disks.some((one) => one.id === disk))
            throw new DriverError('DISK.NOT_FOUND', `Disk ${disk} is not there; look again.`);
          await open.disks.detach(id, disk, call);
        },
      },
    }),
  },
  {
    flaw: 'Sizes of volumes are rounded down to whole MiB, but never to nothing.',
    fails: ['volumes/size-is-at-least-asked'],
    spoil: (open) => ({
      ...open,
      volumes: {
        ...open.volumes,
        create(volume, call) {
          const mib = 1_048_576n;
          const sizeBytes =
            typeof volume.sizeBytes === 'bigint' && volume.sizeBytes > mib
              ? bytes((volume.sizeBytes / mib) * mib)
              : volume.sizeBytes;
          return open.volumes.create({ ...volume, sizeBytes }, call);
        },
      },
    }),
  },
  {
    flaw: 'When content breaks off, half a volume remains.',
    fails: ['volumes/content-error-leaves-nothing'],
    spoil: (open) => ({
      ...open,
      volumes: {
        ...open.volumes,
        async createFromContent(volume, call) {
          const task = await open.volumes.createFromContent?.(volume, call);
          if (!task) throw new Error('The driver under the mutant has no createFromContent.');
          const result: typeof task.result = (options) =>
            task.result(options).catch(async (error: unknown) => {
              if (!isDriverError(error, 'CALL.CANCELLED', 'REQUEST.INVALID', 'VOLUME.CANNOT_SHRINK'))
                await leaveHalf(open, volume);
              throw error;
            });
          return { ...task, result };
        },
      },
    }),
  },
];

const leaveHalf = (
  open: OpenDriver,
  { pool, name }: Parameters<NonNullable<OpenDriver['volumes']['createFromContent']>>[0],
) => open.volumes.create({ pool, name, sizeBytes: bytes(1_048_576) }).catch(() => undefined);
