import { createHash } from 'node:crypto';
import { bytes, DriverError, type ImageSource, type Json } from '@virt-drivers/core';
import type { DiscFile } from '../iso9660/tree.js';
import { writeIso } from '../iso9660/write-iso.js';
import type { ConfigDriveContent } from './content.js';
import { contentPath, ec2MetaData, metaData } from './meta-data.js';
import { networkData } from './network-data.js';

/** Label by which guests find the drive. */
export const CONFIG_DRIVE_LABEL = 'config-2';

/** Largest drive. What is larger belongs on a volume. */
export const LARGEST_CONFIG_DRIVE = 64 * 1_048_576;

/** Versions of the form, and since which each file is part of it. Readers take the newest that they know. */
const VERSIONS = [
  '2012-08-10',
  '2013-04-04',
  '2013-10-17',
  '2015-10-15',
  '2016-06-30',
  '2016-10-06',
  '2017-02-22',
  '2018-08-27',
  'latest',
];
const SINCE: Readonly<Record<string, string>> = { 'vendor_data.json': '2013-10-17', 'network_data.json': '2015-10-15' };

// The drive of an instance is the same whenever it is made, so that a repeated spawn asks for the same volume.
const MADE_AT = new Date('2000-01-01T00:00:00Z');

/** The files of the drive. Pure. Errors: `REQUEST.INVALID`. */
export function configDriveFiles(content: ConfigDriveContent): readonly DiscFile[] {
  const { userData, vendorData = {}, network, files = [] } = content;
  const documents: Readonly<Record<string, Uint8Array | undefined>> = {
    'meta_data.json': json(metaData(content)),
    'vendor_data.json': json(vendorData),
    'network_data.json': network && json(networkData(network)),
    user_data: userData,
  };
  const ec2: Readonly<Record<string, Uint8Array | undefined>> = content.ec2
    ? { 'meta-data.json': json(ec2MetaData(content)), 'user-data': userData }
    : {};
  return [
    ...VERSIONS.flatMap((version) =>
      inDirectory(`openstack/${version}`, documents, (name) => (SINCE[name] ?? '') <= version),
    ),
    ...files.map((file, index) => ({ path: `openstack/${contentPath(index)}`, content: file.content })),
    ...inDirectory('ec2/latest', ec2),
  ];
}

/** The drive as a disc that `volumes.createFromContent` takes. Errors: `REQUEST.INVALID` (content, or too large). */
export function configDrive(content: ConfigDriveContent): ImageSource {
  const disc = writeIso(configDriveFiles(content), { volumeId: CONFIG_DRIVE_LABEL, createdAt: MADE_AT });
  if (disc.byteLength > LARGEST_CONFIG_DRIVE) {
    const text = `Config drive of instance ${content.instanceId} would have ${disc.byteLength} bytes; ${LARGEST_CONFIG_DRIVE} are allowed. Put large files on a volume.`;
    throw new DriverError('REQUEST.INVALID', text, { subject: content.instanceId });
  }
  return {
    format: 'iso',
    sizeBytes: bytes(disc.byteLength),
    virtualSizeBytes: bytes(disc.byteLength),
    checksum: { algorithm: 'sha256', hex: createHash('sha256').update(disc).digest('hex') },
    open: () => pieces(disc),
  };
}

function inDirectory(
  directory: string,
  documents: Readonly<Record<string, Uint8Array | undefined>>,
  includes: (name: string) => boolean = () => true,
): DiscFile[] {
  return Object.entries(documents).flatMap(([name, content]) =>
    content && includes(name) ? [{ path: `${directory}/${name}`, content }] : [],
  );
}

async function* pieces(disc: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < disc.byteLength; at += 65_536) yield disc.subarray(at, at + 65_536);
}

const json = (value: Json): Uint8Array => Buffer.from(`${JSON.stringify(value)}\n`, 'utf8');
