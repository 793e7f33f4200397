import { DriverError, type CallOptions, type VolumeId } from '@virt-drivers/core';
import { readAttachments, type Attachment } from '../attachments.js';
import { isDiskDevice } from '../convert/disk-device.js';
import { currentSnapshot } from '../convert/snapshot-tree.js';
import { aboutMachine } from '../machine-views.js';
import type { VmwareSession } from '../session.js';
import { SAME_SIZE } from './linking.js';
import { refuseContinued } from './links.js';
import { growDisk, wholeKibibytes } from './making.js';
import { aboutVolume, readVolumeFile } from './volume-file.js';
import { sizeNow } from './volume-views.js';

/** Makes a volume larger: through the machine that has it, so that its guest sees it, else on its datastore. */
export async function growVolume(
  session: VmwareSession,
  id: VolumeId,
  sizeBytes: bigint,
  options: CallOptions,
): Promise<void> {
  const file = await readVolumeFile(session, id, options);
  const users = (await readAttachments(session, [id.pool], options)).of(id);
  const present = sizeNow(file, users);
  if (sizeBytes === present) return;
  if (sizeBytes < present)
    throw new DriverError(
      'VOLUME.CANNOT_SHRINK',
      `Volume ${id.key} has ${present} bytes and cannot shrink to ${sizeBytes}. Make a new one.`,
      { subject: id.key },
    );
  if (file.format === 'iso') throw cannotGrow(id);
  if (file.parent !== undefined) throw cannotGrowLinked(id);
  await refuseContinued(session, file.store, id, options);
  const size = wholeKibibytes(sizeBytes);
  const user = users.find(({ own }) => own) ?? users[0];
  if (!user) return growDisk(session, file.store, id, size, options);
  if (!user.own) throw continued(id, user);
  if (user.continuedBy) throw await blocked(session, id, user, options);
  await growDevice(session, id, user, size, options);
}

async function growDevice(
  session: VmwareSession,
  id: VolumeId,
  user: Attachment,
  size: bigint,
  options: CallOptions,
): Promise<void> {
  const { ref, devices } = await session.machines.view(user.machine, options);
  const device = devices.find(({ key }) => key === user.device);
  if (!device || !isDiskDevice(device) || device.$type !== 'VirtualDisk')
    throw new DriverError('VOLUME.BUSY', `Volume ${id.key} is just being detached. Try again.`, { subject: id.key });
  const edited = { ...device, capacityInKB: size / 1024n, capacityInBytes: size };
  const spec = { deviceChange: [{ operation: 'edit' as const, device: edited }] };
  const kind = {
    ...aboutMachine(user.machine),
    means: { InvalidDeviceOperation: { code: 'SNAPSHOT.BLOCKS', says: 'has a disk that cannot grow now' } },
  } as const;
  await session.runTask(kind, options, (vsphere, call) => vsphere.invoke(ref, 'ReconfigVM_Task', { spec }, call));
}

/** The snapshot that the machine continues from holds the disk. */
async function blocked(
  { machines }: VmwareSession,
  id: VolumeId,
  { machine }: Attachment,
  options: CallOptions,
): Promise<DriverError> {
  const heldBy = currentSnapshot((await machines.view(machine, options)).snapshots);
  return new DriverError(
    'SNAPSHOT.BLOCKS',
    `Volume ${id.key} is in snapshots of machine ${machine}. Delete them before it grows.`,
    { subject: id.key, ...(heldBy !== undefined && { heldBy }) },
  );
}

/** A disk that another one continues has to stay as it is. */
const continued = ({ key }: VolumeId, { machine }: Attachment): DriverError =>
  new DriverError('VOLUME.IN_USE', `Volume ${key} cannot grow: a disk of machine ${machine} continues it.`, {
    subject: key,
    heldBy: machine,
  });

const cannotGrowLinked = ({ key }: VolumeId): DriverError =>
  new DriverError('CAPABILITY.CONDITION_UNMET', `Volume ${key} continues another one and cannot grow. Copy it first.`, {
    subject: key,
    condition: SAME_SIZE,
  });

const cannotGrow = (id: VolumeId): DriverError => {
  const reason = 'A file that drives read does not grow; make a new one.';
  return new DriverError('CAPABILITY.CONDITION_UNMET', `${aboutVolume(id).what} cannot grow. ${reason}`, {
    subject: id.key,
    condition: { needs: 'volume-format', value: 'vmdk', reason },
  });
};
