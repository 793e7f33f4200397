import { DriverError, poolId, type CallOptions, type OpenDriver, type Pool, type PoolId } from '@virt-drivers/core';
import { configDrive } from '../../config-drive/config-drive.js';
import type { GuestLink } from '../../config-drive/content.js';
import { asFormat, discFormat } from '../../disks/config-drive-format.js';
import { planDisks, type CreatableDisk, type PlannedConfigDrive, type PlannedImage } from '../../disks/plan-disks.js';
import { admitImage, type AdmittedImage } from '../../image-gate/admit-image.js';
import { formFor, type AdmittedDisk } from '../../image-gate/admitted-disk.js';
import type { InstanceNic, InstanceSpec } from '../../instance/spec.js';
import type { SpawnContext } from './context.js';

/** Lets the image through the gate. */
export async function admit(context: SpawnContext, options: CallOptions): Promise<void> {
  const { spec, gate } = context;
  if (!spec.image) return;
  if (!gate) throw invalid(spec, 'has an image, but compute was opened without an image cache; open one');
  context.image = await admitImage(spec.image.input, spec.image.declaration, gate, options);
}

/** Decides on the disks: what they are, not yet that they are. */
export async function plan(context: SpawnContext, options: CallOptions): Promise<void> {
  const { driver, spec, image, instance } = context;
  // A resumed spawn stays where it began, whichever pool has the most room by now.
  const pool = await choosePool(driver, spec.pool ?? (instance && poolId(instance.record.pool)), options);
  const drive = configDriveOf(spec, driver);
  if (drive) context.configDrive = asFormat(drive.disc, discFormat(pool));
  context.pool = pool;
  if (image) context.images = [image, ...(image.further ?? [])].map((disk) => formFor(disk, pool.formats));
  const { instanceId, root, ephemerals, swap } = spec;
  const disks = planDisks({
    instanceId,
    root,
    ...(ephemerals && { ephemerals }),
    ...(swap && { swap }),
    pool: pool.id,
    ...(image && { image: plannedImage(image, pool) }),
    ...(drive && { configDrive: drive.planned }),
  });
  context.plan = disks.map((disk) => fitting(disk, driver, pool));
}

function plannedImage(image: AdmittedImage, pool: Pool): PlannedImage {
  const [root, ...further] = [image, ...(image.further ?? [])].map((disk) => plannedDisk(disk, pool));
  if (!root) throw new Error(`Image "${image.name}" has no disk.`);
  return { ...root, ...(further.length > 0 && { further }) };
}

function plannedDisk(disk: AdmittedDisk, { formats }: Pool): PlannedImage {
  const { checksum, format, virtualSizeBytes } = formFor(disk, formats);
  return { sha256: checksum.hex, format, virtualSizeBytes, ...(disk.bus && { bus: disk.bus }) };
}

// Details that depend on what the endpoint can do, not on what was asked for.
function fitting(disk: CreatableDisk, driver: OpenDriver, pool: Pool): CreatableDisk {
  const { serial, ...attachment } = disk.attachment;
  const format = disk.origin.kind === 'content' ? discFormat(pool) : disk.format;
  const keepsSerial = serial !== undefined && driver.supports('disks.serial') !== undefined;
  return { ...disk, ...(format && { format }), attachment: { ...attachment, ...(keepsSerial && { serial }) } };
}

async function choosePool(driver: OpenDriver, wanted: PoolId | undefined, options: CallOptions): Promise<Pool> {
  if (wanted !== undefined) return driver.volumes.pool(wanted, options);
  const ready = (await driver.volumes.pools(options).all()).filter(({ state }) => state === 'ready');
  const [roomiest] = [...ready].sort((a, b) => (a.freeBytes < b.freeBytes ? 1 : -1));
  if (roomiest) return roomiest;
  throw new DriverError('POOL.NOT_FOUND', 'Endpoint has no pool that is ready; make one, or name one that will be.');
}

function configDriveOf(
  spec: InstanceSpec,
  driver: OpenDriver,
): { disc: ReturnType<typeof configDrive>; planned: PlannedConfigDrive } | undefined {
  if (!spec.configDrive) return undefined;
  const { device, dnsServers, ...content } = spec.configDrive;
  const links = (spec.nics ?? []).filter(({ addresses }) => addresses !== undefined).map((nic) => linkOf(nic, spec));
  const network = links.length > 0 || dnsServers ? { network: { links, ...(dnsServers && { dnsServers }) } } : {};
  const disc = configDrive({ ...content, ...network, instanceId: spec.instanceId, name: spec.name });
  const best = driver.supports('disks.media') !== undefined ? 'media' : 'disk';
  return { disc, planned: { sizeBytes: disc.sizeBytes, device: device ?? best } };
}

function linkOf({ macAddress, mtu, addresses = [] }: InstanceNic, spec: InstanceSpec): GuestLink {
  if (macAddress === undefined)
    throw invalid(spec, 'tells a nic its address without a MAC address; the guest could not find the nic');
  return { macAddress, addresses, ...(mtu !== undefined && { mtu }) };
}

const invalid = (spec: InstanceSpec, why: string): DriverError =>
  new DriverError('REQUEST.INVALID', `Instance ${spec.instanceId} ${why}.`, { subject: spec.instanceId });
