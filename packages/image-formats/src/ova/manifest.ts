import { ImageError } from '../image-error.js';

/** Digests that manifests use. */
export type ManifestAlgorithm = 'sha1' | 'sha256' | 'sha512';

/** What a manifest says of one file. */
export interface ManifestEntry {
  readonly algorithm: ManifestAlgorithm;
  readonly fileName: string;
  /** Lower-case hexadecimal. */
  readonly hex: string;
}

const LINE = /^(SHA1|SHA256|SHA512)\s*\((.+)\)\s*=\s*([0-9a-f]+)$/i;
const DIGITS: Readonly<Record<ManifestAlgorithm, number>> = { sha1: 40, sha256: 64, sha512: 128 };

const isAlgorithm = (text: string): text is ManifestAlgorithm => text in DIGITS;

/** Reads a manifest (`SHA256(disk.vmdk)= …`). Errors: `ImageError` corrupt (a line that is none), unsafe (a file twice). */
export function parseManifest(text: string): ReadonlyMap<string, ManifestEntry> {
  const entries = new Map<string, ManifestEntry>();
  for (const line of text.split(/\r?\n/).map((each) => each.trim())) {
    if (line === '') continue;
    const [, name = '', fileName = '', hex = ''] = LINE.exec(line) ?? [];
    const algorithm = name.toLowerCase();
    if (!isAlgorithm(algorithm) || hex.length !== DIGITS[algorithm])
      throw new ImageError('corrupt', 'Its manifest has a line that is not a digest.');
    if (entries.has(fileName)) throw new ImageError('unsafe', 'Its manifest names a file more than once.');
    entries.set(fileName, { algorithm, fileName, hex: hex.toLowerCase() });
  }
  return entries;
}
