import type { ByteSource } from '../byte-source.js';
import { ImageError, type ImageErrorKind } from '../image-error.js';
import { inspectImage } from '../inspector/inspect-image.js';
import type { ImageInspection } from '../inspector/inspection.js';
import type { OvfDescriptor, OvfDisk } from '../ovf/descriptor.js';
import { checkDigests } from './check-digests.js';
import { openOva, type Ova, type OvaDisk } from './open-ova.js';

/** Why a package is not to be used; as `ImageErrorKind`. */
export interface OvaProblem {
  readonly kind: ImageErrorKind;
  /** One sentence without the package's name. */
  readonly message: string;
}

/** A disk of a package and what its bytes say. */
export interface OvaDiskInspection extends OvfDisk {
  /** Absent for a disk that starts empty. */
  readonly image?: ImageInspection;
  /** Of the disk's file as it stands in the archive, once all was read. */
  readonly sha256?: string;
}

/** What a package is, learned from its bytes alone. */
export interface OvaInspection {
  readonly sizeBytes: bigint;
  /** Absent when there is none that can be read. */
  readonly descriptor?: OvfDescriptor;
  readonly disks: readonly OvaDiskInspection[];
  readonly hasManifest: boolean;
  readonly hasCertificate: boolean;
  readonly problems: readonly OvaProblem[];
}

const READABLE = new Set(['vmdk', 'qcow2', 'raw']);

/**
 * Says what a package is and all that is wrong with it: its archive, descriptor, manifest, and each disk. Reads
 * everything once. Throws only what the source throws, and the signal's reason.
 */
export async function inspectOva(
  source: ByteSource,
  options: { readonly signal?: AbortSignal } = {},
): Promise<OvaInspection> {
  const found = { sizeBytes: source.sizeBytes, disks: [], hasManifest: false, hasCertificate: false };
  const ova = await orProblem(openOva(source));
  if (isProblem(ova)) return { ...found, problems: [ova] };
  const disks: OvaDiskInspection[] = [];
  for (const disk of ova.disks) disks.push(await inspectDisk(disk));
  const wrong = disks.flatMap(diskProblems);
  // What is refused anyway need not be read to its end.
  const digests = wrong.length === 0 ? await orProblem(checkDigests(ova, options)) : new Map<string, string>();
  return {
    ...described(ova),
    sizeBytes: source.sizeBytes,
    disks: isProblem(digests) ? disks : disks.map((disk) => withDigest(disk, digests)),
    problems: isProblem(digests) ? [digests] : [...wrong, ...emptiness(ova)],
  };
}

const described = ({ descriptor, manifest, hasCertificate }: Ova) => ({
  descriptor,
  hasManifest: manifest !== undefined,
  hasCertificate,
});

async function orProblem<T>(work: Promise<T>): Promise<T | OvaProblem> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ImageError) return { kind: error.kind, message: error.message };
    throw error;
  }
}

const isProblem = (value: object): value is OvaProblem => 'kind' in value && 'message' in value;

async function inspectDisk({ content, ...disk }: OvaDisk): Promise<OvaDiskInspection> {
  return content ? { ...disk, image: await inspectImage(content) } : disk;
}

function withDigest(disk: OvaDiskInspection, digests: ReadonlyMap<string, string>): OvaDiskInspection {
  const sha256 = digests.get(disk.file?.href ?? '');
  return sha256 === undefined ? disk : { ...disk, sha256 };
}

function diskProblems({ file, image, format, capacityBytes, capacityUnitBytes }: OvaDiskInspection): OvaProblem[] {
  if (!file || !image) return [];
  const problem = (kind: ImageErrorKind, text: string): OvaProblem => ({
    kind,
    message: `Disk "${file.href}": ${text}`,
  });
  if (image.problems.length > 0) return image.problems.map(({ kind, message }) => problem(kind, message));
  if (image.encryption) return [problem('unsupported', 'It is encrypted.')];
  if (format !== 'unknown' && format !== image.format)
    return [problem('unsafe', `Its descriptor calls it ${format} and it is ${image.format}.`)];
  if (!READABLE.has(image.format)) return [problem('unsupported', `Disks in ${image.format} are not read.`)];
  const excess = capacityBytes - image.virtualSizeBytes;
  if (excess < 0n || excess >= capacityUnitBytes) {
    const text = `Its descriptor says that it holds ${capacityBytes} bytes, and it holds ${image.virtualSizeBytes}.`;
    return [problem('corrupt', text)];
  }
  return [];
}

const emptiness = ({ disks }: Ova): OvaProblem[] =>
  disks.some(({ content }) => content) ? [] : [{ kind: 'unsupported', message: 'It has no disk with content.' }];
