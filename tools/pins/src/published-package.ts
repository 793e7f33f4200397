import { manifestOf, type PackageManifest } from './package-manifest.js';
import { online, type PinsContext } from './pins-context.js';
import type { Provenance } from './pins-schema.js';
import { failure } from './problem.js';
import { provenanceOf } from './provenance.js';
import type { PackageDocument, PublishedVersion } from './registry.js';
import { readTarball, type Tarball } from './tarball.js';

/** A version as the registry has it now. */
export interface PublishedPackage {
  readonly manifest: PackageManifest;
  readonly tarball: Tarball;
  readonly published: PublishedVersion;
  readonly provenance?: Provenance;
}

/** What the registry says about a version. Throws `missing`. */
export function versionIn(document: PackageDocument | undefined, name: string, version: string): PublishedVersion {
  const published = document?.versions[version];
  if (published !== undefined) return published;
  throw failure(
    'missing',
    `${name}@${version}`,
    `${name}@${version} is not in the registry. Correct the version; if it was unpublished, block it and upgrade.`,
  );
}

/** Downloads a version and checks that it is what the registry says. Errors: `missing`, `altered`, `not-a-package`. */
export async function fetchPackage(context: PinsContext, name: string, version: string): Promise<PublishedPackage> {
  const registry = online(context, `Getting ${name}@${version}`);
  const subject = `${name}@${version}`;
  const published = versionIn(await registry.document(name), name, version);
  const bytes = await registry.bytes(published.dist.tarball);
  if (bytes === undefined)
    throw failure(
      'missing',
      subject,
      `The tarball of ${subject} is not in the registry, although it lists the version. Block it and upgrade.`,
    );
  const tarball = await readTarball(bytes, subject);
  if (published.dist.integrity !== undefined && !published.dist.integrity.split(/\s+/).includes(tarball.integrity)) {
    throw failure(
      'altered',
      subject,
      `The tarball of ${subject} is not what the registry itself says that it is. Do not use it; ask who runs the registry.`,
    );
  }
  const manifest = manifestOf(tarball, name, version);
  const provenance = await provenanceOf(registry, published, tarball, subject);
  await context.cache.keep(bytes);
  return { manifest, tarball, published, ...(provenance === undefined ? {} : { provenance }) };
}
