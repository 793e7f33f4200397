// The bytes of a release, made once: what is proven is what is published.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestLeaks, pack, packedManifest } from '../../ci/pack.mjs';
import { root } from '../../setup/pnpm.mjs';

const sha512 = (file) => `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;

/** Packs built packages into a folder. Throws when a manifest has something that only this workspace understands. */
export function packRelease(projects, folder) {
  return projects.map(({ folder: from, manifest: { name, version } }) => {
    const file = join(folder, `${name.replace(/^@[^/]+\//, '')}-${version}.tgz`);
    const leaks = manifestLeaks(packedManifest(pack(join(root, from), file)));
    if (leaks.length > 0) throw new Error(`The packed package.json of ${name} must not contain ${leaks.join(', ')}.`);
    return { name, version, file, integrity: sha512(file) };
  });
}
