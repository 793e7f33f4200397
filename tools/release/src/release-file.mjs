// release.json: which bytes were proven. Read by jobs that trust nothing that was not proven. Needs only node.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const hash = (algorithm, bytes, encoding) => createHash(algorithm).update(bytes).digest(encoding);

/**
 * Reads a folder that pack.mjs wrote. Throws when the list or a tarball is not what was proven.
 * @param {string} folder
 * @param {string} digest sha256 of release.json, from the job that proved it
 */
export function readRelease(folder, digest) {
  const bytes = readFileSync(join(folder, 'release.json'));
  if (hash('sha256', bytes, 'hex') !== digest)
    throw new Error(`${folder}/release.json is not the one with sha256 ${digest}.`);
  return JSON.parse(bytes.toString('utf8')).map((each) => {
    const file = join(folder, each.file);
    const integrity = `sha512-${hash('sha512', readFileSync(file), 'base64')}`;
    if (integrity !== each.integrity) throw new Error(`${file} has ${integrity}, but ${each.integrity} was proven.`);
    return { ...each, file };
  });
}
