import { createHash } from 'node:crypto';

/** A file of a package: its path from the package's root with `/`, and its content. */
export interface PackageFile {
  readonly path: string;
  readonly content: Uint8Array;
}

/**
 * One digest over the files of a package, the same for the tarball and for what was installed from it: SHA-512, as
 * `sha512-<base64>`, over one line `<sha512 in hex>  <path>\n` for each file, sorted by path as bytes.
 */
export function filesDigest(files: Iterable<PackageFile>): string {
  const lines = [...files]
    .map(({ path, content }) => ({ path: Buffer.from(path), hash: createHash('sha512').update(content).digest('hex') }))
    .sort((a, b) => Buffer.compare(a.path, b.path))
    .map(({ path, hash }) => `${hash}  ${path.toString()}\n`);
  return `sha512-${createHash('sha512').update(lines.join('')).digest('base64')}`;
}
