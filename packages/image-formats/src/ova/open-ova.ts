import { readExactly } from '../byte-range.js';
import type { ByteSource } from '../byte-source.js';
import { ImageError } from '../image-error.js';
import type { OvfDescriptor, OvfDisk } from '../ovf/descriptor.js';
import { parseOvf } from '../ovf/parse-ovf.js';
import { parseManifest, type ManifestEntry } from './manifest.js';
import { tarIndex, type TarMember } from './tar-index.js';

/** A disk of a package and its content, in place. */
export interface OvaDisk extends OvfDisk {
  /** Absent for a disk that starts empty. */
  readonly content?: ByteSource;
}

/** An OVA: one archive with a descriptor first, and what it names. */
export interface Ova {
  readonly descriptor: OvfDescriptor;
  readonly disks: readonly OvaDisk[];
  /** Files as they stand in the archive, descriptor included. */
  readonly members: readonly TarMember[];
  /** What the manifest says of each file; absent without a manifest. */
  readonly manifest?: ReadonlyMap<string, ManifestEntry>;
  /** True when it is signed. The signature is not checked: whom to trust is not known here. */
  readonly hasCertificate: boolean;
}

const LONGEST_TEXT = 4_194_304n;

const endsIn =
  (ending: string) =>
  ({ name }: TarMember): boolean =>
    name.toLowerCase().endsWith(ending);

/**
 * Opens an OVA in place: reads its headers, its descriptor and its manifest, and no disk. What it says about itself must
 * fit together; whether the contents are what the manifest says is `checkDigests`' business.
 * Errors: `ImageError` unsafe, corrupt, unsupported.
 */
export async function openOva(source: ByteSource): Promise<Ova> {
  const members = await tarIndex(source);
  const ovf = descriptorAmong(members);
  const descriptor = parseOvf(await textIn(ovf.content));
  const manifest = await manifestAmong(members, ovf);
  checkMembers(members, descriptor, ovf);
  if (manifest) checkCoverage(manifest, members);
  return {
    descriptor,
    disks: descriptor.disks.map((disk) => withContent(disk, members)),
    members,
    ...(manifest && { manifest }),
    hasCertificate: members.some(endsIn('.cert')),
  };
}

function descriptorAmong(members: readonly TarMember[]): TarMember {
  const descriptors = members.filter(endsIn('.ovf'));
  const [ovf, ...others] = descriptors;
  if (!ovf) throw new ImageError('corrupt', 'It contains no descriptor (.ovf).');
  if (others.length > 0) throw new ImageError('unsafe', 'It contains more than one descriptor.');
  if (members[0] !== ovf) throw new ImageError('unsafe', 'Its descriptor is not its first file.');
  return ovf;
}

async function manifestAmong(
  members: readonly TarMember[],
  ovf: TarMember,
): Promise<ReadonlyMap<string, ManifestEntry> | undefined> {
  const [manifest, ...others] = members.filter(endsIn('.mf'));
  if (others.length > 0) throw new ImageError('unsafe', 'It contains more than one manifest.');
  if (!manifest) {
    if (members.some(endsIn('.cert'))) throw new ImageError('corrupt', 'It is signed and has no manifest.');
    return undefined;
  }
  const base = (name: string): string => name.slice(0, name.lastIndexOf('.'));
  if (base(manifest.name) !== base(ovf.name))
    throw new ImageError('corrupt', 'Its manifest is that of another descriptor.');
  return parseManifest(await textIn(manifest.content));
}

function checkMembers(members: readonly TarMember[], { files }: OvfDescriptor, ovf: TarMember): void {
  for (const { href, sizeBytes } of files) {
    const member = members.find(({ name }) => name === href);
    if (!member || member === ovf) throw new ImageError('corrupt', `It does not contain "${href}", which it names.`);
    if (sizeBytes !== undefined && sizeBytes !== member.content.sizeBytes) {
      const text = `It says that "${href}" has ${sizeBytes} bytes, and it has ${member.content.sizeBytes}.`;
      throw new ImageError('corrupt', text);
    }
  }
  const named = new Set([ovf.name, ...files.map(({ href }) => href)]);
  const stray = members.find((member) => !named.has(member.name) && !endsIn('.mf')(member) && !endsIn('.cert')(member));
  if (stray) throw new ImageError('unsafe', `It contains "${stray.name}", which its descriptor does not name.`);
}

function checkCoverage(manifest: ReadonlyMap<string, ManifestEntry>, members: readonly TarMember[]): void {
  const listed = members.filter((member) => !endsIn('.mf')(member) && !endsIn('.cert')(member));
  const uncovered = listed.find(({ name }) => !manifest.has(name));
  if (uncovered) throw new ImageError('unsafe', `Its manifest says nothing of "${uncovered.name}".`);
  if (manifest.size > listed.length)
    throw new ImageError('corrupt', 'Its manifest names files that it does not contain.');
}

function withContent(disk: OvfDisk, members: readonly TarMember[]): OvaDisk {
  const member = members.find(({ name }) => name === disk.file?.href);
  return member ? { ...disk, content: member.content } : disk;
}

async function textIn(content: ByteSource): Promise<string> {
  if (content.sizeBytes > LONGEST_TEXT) throw new ImageError('unsafe', 'Its descriptor or manifest is absurdly long.');
  const bytes = await readExactly(content, 0n, Number(content.sizeBytes));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ImageError('corrupt', 'Its descriptor or manifest is not UTF-8.', { cause });
  }
}
