import { bytes, DriverError, type CallOptions, type DiskBus, type ErrorCode } from '@virt-drivers/core';
import {
  inspectOva,
  withFile,
  type ControllerKind,
  type OvaDiskInspection,
  type OvaInspection,
  type OvaProblem,
} from '@virt-drivers/image-formats';
import type { CachedContent, ImageCache } from '../image-cache/image-cache.js';
import { admittedDisk, type AdmittedDisk } from './admitted-disk.js';
import { DEFAULT_MAXIMUM_VIRTUAL_SIZE, type ImageLimits } from './declaration.js';

const CODES: Readonly<Record<OvaProblem['kind'], ErrorCode>> = {
  unsafe: 'IMAGE.UNSAFE',
  corrupt: 'IMAGE.CORRUPT',
  // It is not what can be used as an image here.
  unsupported: 'IMAGE.FORMAT_MISMATCH',
};

const BUSES: Readonly<Partial<Record<ControllerKind, DiskBus>>> = {
  lsilogic: 'scsi',
  lsisas1068: 'scsi',
  buslogic: 'scsi',
  pvscsi: 'paravirtual',
  ide: 'ide',
  sata: 'sata',
  nvme: 'nvme',
};

/** Why the gate refuses a package, or undefined when it may pass. */
export function packageRefusal(
  name: string,
  { problems, disks }: OvaInspection,
  limits: ImageLimits = {},
): DriverError | undefined {
  const no = (code: ErrorCode, rest: string): DriverError =>
    new DriverError(code, `Image "${name}" ${rest}`, { subject: name });
  const problem = (['unsafe', 'corrupt', 'unsupported'] as const)
    .map((kind) => problems.find((each) => each.kind === kind))
    .find((each) => each !== undefined);
  if (problem) return no(CODES[problem.kind], `is refused. ${problem.message}`);
  if (disks.some(({ image }) => !image))
    return no(
      'REQUEST.INVALID',
      'is refused. It has a disk without content; add that one as an ephemeral disk instead.',
    );
  const maximum = limits.maximumVirtualSizeBytes ?? DEFAULT_MAXIMUM_VIRTUAL_SIZE;
  const total = disks.reduce((sum, { capacityBytes }) => sum + capacityBytes, 0n);
  if (total > maximum) return no('IMAGE.TOO_LARGE', `describes disks of ${total} bytes; ${maximum} are allowed.`);
  return undefined;
}

/** Inspects a package in the cache. Throws what `packageRefusal` says, and `CALL.CANCELLED`. */
export async function inspectedPackage(
  name: string,
  path: string,
  limits: ImageLimits,
  { signal }: CallOptions,
): Promise<OvaInspection> {
  const inspection = await withFile(path, (source) => inspectOva(source, signal ? { signal } : {}));
  const error = packageRefusal(name, inspection, limits);
  if (error) throw error;
  return inspection;
}

/** The disks of a package that was let in. Errors: `IMAGE.CORRUPT`, `CALL.CANCELLED`. */
export async function packageDisks(
  name: string,
  { disks }: OvaInspection,
  content: CachedContent,
  cache: ImageCache,
  options: CallOptions,
): Promise<readonly AdmittedDisk[]> {
  const admitted: AdmittedDisk[] = [];
  for (const disk of disks) {
    const bus = BUSES[disk.controller?.kind ?? 'other'];
    admitted.push({ ...(await oneDisk(name, disk, content, cache, options)), ...(bus && { bus }) });
  }
  return admitted;
}

async function oneDisk(
  name: string,
  { file, image, sha256 }: OvaDiskInspection,
  content: CachedContent,
  cache: ImageCache,
  options: CallOptions,
): Promise<AdmittedDisk> {
  const format = image?.format;
  if (!file || !image || sha256 === undefined || (format !== 'vmdk' && format !== 'qcow2' && format !== 'raw')) {
    throw new Error(`Disk of image "${name}" was not inspected to its end.`);
  }
  const sizes = { sizeBytes: bytes(image.sizeBytes), virtualSizeBytes: bytes(image.virtualSizeBytes) };
  const place = { name: `${name}: ${file.href}`, content, cache, member: file.href };
  return { ...(await admittedDisk(place, sizes, format, sha256, options)), name: file.href };
}
