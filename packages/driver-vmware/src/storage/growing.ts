import { DriverError, type CallOptions, type VolumeId } from '@virt-drivers/core';
import { readAttachments, type Attachment } from '../attachments.js';
import { isDiskDevice } from '../convert/disk-device.js';
import { aboutMachine } from '../machine-views.js';
import type { VmwareSession } from '../session.js';
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
  const size = wholeKibibytes(sizeBytes);
  const [user] = users;
  if (!user) return growDisk(session, file.store, id, size, options);
  if (!user.direct) throw blocked(id, user);
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

function blocked(id: VolumeId, { machine }: Attachment): DriverError {
  return new DriverError(
    'SNAPSHOT.BLOCKS',
    `Volume ${id.key} is continued by machine ${machine}, after a snapshot of it. Delete the snapshots first.`,
    { subject: id.key, heldBy: machine },
  );
}

const cannotGrow = (id: VolumeId): DriverError => {
  const reason = 'A file that drives read does not grow; make a new one.';
  return new DriverError('CAPABILITY.CONDITION_UNMET', `${aboutVolume(id).what} cannot grow. ${reason}`, {
    subject: id.key,
    condition: { needs: 'volume-format', value: 'vmdk', reason },
  });
};
