import * as v from 'valibot';
import type { BlankVolume, ContentVolume, CopyVolume, NewVolume } from '../contract/volumes.js';
import type { Checksum, ImageSource } from '../values/image-source.js';
import { extensions, identifier, positive, quantity, token, volumeId, volumeName, type Shape } from './primitives.js';

export const diskFormat = v.picklist(['raw', 'qcow2', 'vmdk', 'vhd', 'vhdx', 'vdi', 'qed', 'parallels', 'iso']);

export const checksum = v.pipe(
  v.strictObject({
    algorithm: v.picklist(['sha256', 'sha512']),
    hex: v.pipe(v.string(), v.regex(/^[0-9a-f]+$/)),
  } satisfies Shape<Checksum>),
  v.check(
    ({ algorithm, hex }) => hex.length === (algorithm === 'sha256' ? 64 : 128),
    'hex must have the length of its algorithm',
  ),
);

// Not strict: sources are live objects of the caller's making and may carry more than the contract asks for.
export const imageSource = v.object({
  format: diskFormat,
  sizeBytes: quantity,
  virtualSizeBytes: positive,
  checksum,
  open: v.function('must be a function'),
} satisfies Omit<Shape<ImageSource>, 'url'>);

const newVolume = {
  pool: identifier,
  name: volumeName,
  format: v.optional(diskFormat),
  provisioning: v.optional(v.picklist(['thin', 'thick'])),
  clientToken: v.optional(token),
  extensions: v.optional(extensions),
} satisfies Shape<NewVolume>;

export const blankVolume = v.strictObject({ ...newVolume, sizeBytes: positive } satisfies Shape<BlankVolume>);

export const contentVolume = v.pipe(
  v.strictObject({
    ...newVolume,
    content: imageSource,
    sizeBytes: v.optional(positive),
  } satisfies Shape<ContentVolume>),
  v.check(
    ({ sizeBytes, content }) => sizeBytes === undefined || sizeBytes >= content.virtualSizeBytes,
    "sizeBytes must be at least the content's virtualSizeBytes",
  ),
);

export const copyVolume = v.strictObject({
  ...newVolume,
  source: volumeId,
  mode: v.optional(v.picklist(['linked', 'full'])),
  sizeBytes: v.optional(positive),
} satisfies Shape<CopyVolume>);

export const exportRequest = v.strictObject({ format: v.optional(diskFormat) });
export const volumeQuery = v.strictObject({ pool: identifier, name: v.string() });
export const knownVolume = v.looseObject({ id: volumeId, name: v.string() });
