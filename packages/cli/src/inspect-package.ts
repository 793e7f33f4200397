import { basename } from 'node:path';
import { bytes, DriverError, type CallOptions } from '@virt-drivers/core';
import type { ByteSource, OvaDiskInspection, OvaInspection } from '@virt-drivers/compute';
import { isMissing } from './is-missing.js';
import { humanBytes } from './output/human.js';
import type { Output } from './output/output.js';

/** Inspects a file. Errors: `IMAGE.NOT_FOUND`. */
export async function inspectFile<T>(path: string, inspect: (source: ByteSource) => Promise<T>): Promise<T> {
  const { withFile } = await import('@virt-drivers/compute');
  return withFile(path, inspect).catch((error: unknown) => {
    throw isMissing(error)
      ? new DriverError('IMAGE.NOT_FOUND', `Image ${path} does not exist; check the path.`, { subject: path })
      : error;
  });
}

/** Shows what is in a package and what the gate says of it. Throws the gate's refusal. */
export async function inspectPackage(path: string, output: Output, { signal }: CallOptions): Promise<void> {
  const { inspectOva, packageRefusal } = await import('@virt-drivers/compute');
  const found = await inspectFile(path, (source) => inspectOva(source, signal ? { signal } : {}));
  const refusal = packageRefusal(basename(path), found);
  const verdict = refusal ? 'refused' : 'admitted';
  await output.detail([...packageRows(found), ['verdict', verdict]], { ...found, verdict });
  if (refusal) throw refusal;
}

function packageRows(found: OvaInspection): readonly (readonly [string, string | number | undefined])[] {
  const { descriptor, hasCertificate } = found;
  const { cpuCount, memoryBytes, nics = [], firmware, guest } = descriptor?.hardware ?? {};
  return [
    ['format', 'ova'],
    ['file size', humanBytes(bytes(found.sizeBytes))],
    ['name', descriptor?.name],
    ['processors', cpuCount],
    ['memory', memoryBytes === undefined ? undefined : humanBytes(bytes(memoryBytes))],
    ['nics', nics.map(({ network = '?', model }) => (model ? `${network} (${model})` : network)).join(', ')],
    ['firmware', firmware],
    ['guest', guest?.name],
    ...found.disks.map((disk, index): [string, string] => [`disk ${index}`, diskText(disk)]),
    ['manifest', manifestText(found)],
    ['certificate', hasCertificate ? 'present, not checked' : undefined],
    ...found.problems.map(({ kind, message }): [string, string] => [kind, message]),
  ];
}

function manifestText({ hasManifest, problems }: OvaInspection): string {
  if (!hasManifest) return 'none';
  return problems.length > 0 ? 'present' : 'verified';
}

function diskText({ file, capacityBytes, controller, unitNumber, image }: OvaDiskInspection): string {
  const place = controller ? `${controller.kind} ${controller.busNumber}:${unitNumber ?? '?'}` : 'no controller';
  return [file?.href ?? 'empty', humanBytes(bytes(capacityBytes)), image?.format ?? 'blank', place].join(', ');
}
