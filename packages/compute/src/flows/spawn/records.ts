import type { Volume } from '@virt-drivers/core';
import type { CreatableDisk } from '../../disks/plan-disks.js';
import type { AdmittedImage } from '../../image-gate/admit-image.js';
import type { DiskRecord, InstanceRecord } from '../../instance/record.js';
import { chosenPool, type SpawnContext } from './context.js';

/** The record that claims a machine: everything that the spawn is going to make is named in it. */
export function claimRecord(context: SpawnContext): InstanceRecord {
  const { spec, driver, journal, specSha256, plan, image } = context;
  const pool = chosenPool(context).id;
  return {
    schema: 1,
    instanceId: spec.instanceId,
    endpointId: driver.endpointId,
    phase: 'spawning',
    pool,
    journal,
    specSha256,
    start: spec.start ?? true,
    ...(image && { image: imageRecord(image) }),
    disks: plan.map((disk) => diskRecord(disk)),
  };
}

/** The record of a complete instance. */
export function finalRecord(context: SpawnContext): InstanceRecord {
  const { journal: _journal, ...claim } = claimRecord(context);
  return {
    ...claim,
    phase: 'ready',
    disks: context.plan.map((disk) => diskRecord(disk, context.volumes.get(disk.volumeName))),
  };
}

function imageRecord({ name, checksum, format, packageSha256 }: AdmittedImage): InstanceRecord['image'] {
  return { name, sha256: checksum.hex, format, ...(packageSha256 !== undefined && { packageSha256 }) };
}

function diskRecord(disk: CreatableDisk, volume?: Volume): DiskRecord {
  const format = volume?.format ?? disk.format;
  return {
    role: disk.role,
    owned: true,
    pool: disk.pool,
    volumeName: volume?.name ?? disk.volumeName,
    origin: disk.origin,
    sizeBytes: String(volume?.sizeBytes ?? disk.sizeBytes),
    ...(format && { format }),
    ...(disk.provisioning && { provisioning: disk.provisioning }),
    ...(disk.attachment.serial !== undefined && { serial: disk.attachment.serial }),
    ...(volume && { volume: { pool: volume.id.pool, key: volume.id.key } }),
  };
}
