import * as v from 'valibot';
import { failure } from './problem.js';
import type { Tarball } from './tarball.js';

const schema = v.object({
  name: v.string(),
  version: v.string(),
  repository: v.optional(v.union([v.string(), v.object({ url: v.string() })])),
  peerDependencies: v.optional(v.record(v.string(), v.string()), {}),
  virtDrivers: v.optional(v.object({ kind: v.optional(v.string()), apiVersion: v.optional(v.string()) }), {}),
});

/** What a tarball's own package.json says. */
export interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly kind: string;
  readonly apiVersion?: string;
  readonly coreRange?: string;
  readonly repository?: string;
}

/** Reads it. Throws `not-a-package` when it is not that version of that package. */
export function manifestOf({ files }: Tarball, name: string, version: string): PackageManifest {
  const subject = `${name}@${version}`;
  const text = files.get('package.json')?.toString('utf8') ?? '{}';
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  if (!result.success || result.output.name !== name || result.output.version !== version) {
    throw failure(
      'not-a-package',
      subject,
      `The tarball of ${subject} has the package.json of another package. Do not use it; ask its maintainers.`,
    );
  }
  const { repository, peerDependencies, virtDrivers } = result.output;
  const coreRange = peerDependencies['@virt-drivers/core'];
  const url = typeof repository === 'object' ? repository.url : repository;
  return {
    name,
    version,
    kind: virtDrivers.kind ?? 'other',
    ...(virtDrivers.apiVersion === undefined ? {} : { apiVersion: virtDrivers.apiVersion }),
    ...(coreRange === undefined ? {} : { coreRange }),
    ...(url === undefined ? {} : { repository: url }),
  };
}
