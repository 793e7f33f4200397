import { isCompatible } from '@virt-drivers/core';
import satisfies from 'semver/functions/satisfies.js';
import type { Pin } from './pins-schema.js';
import type { Problem } from './problem.js';

/** What decides whether a package fits a core. */
export type Fit = Pick<Pin, 'package' | 'version' | 'kind' | 'apiVersion' | 'coreRange'>;

/** What keeps a package from working with the core that is pinned beside it. */
export function misfits(pin: Fit, core: Fit | undefined): readonly Problem[] {
  const subject = `${pin.package}@${pin.version}`;
  if (pin.kind === 'core' || pin.coreRange === undefined) return pin.kind === 'driver' ? [noRange(subject)] : [];
  if (core === undefined) {
    return [
      {
        kind: 'no-core',
        subject,
        message: `${subject} needs a core of ${pin.coreRange}, and none is pinned here. Pin it first: virt pins add @virt-drivers/core@<version>`,
      },
    ];
  }
  const fits = satisfies(core.version, pin.coreRange, { includePrerelease: true });
  return [
    ...(fits ? [] : [wrongRange(subject, pin.coreRange, core.version)]),
    ...(pin.kind === 'driver' ? wrongContract(subject, pin, core) : []),
  ];
}

const noRange = (subject: string): Problem => ({
  kind: 'core-range',
  subject,
  message: `${subject} does not say which @virt-drivers/core it works with. Its maintainers must add it to peerDependencies.`,
});

const wrongRange = (subject: string, range: string, core: string): Problem => ({
  kind: 'core-range',
  subject,
  message: `${subject} accepts @virt-drivers/core ${range}, but ${core} is pinned. Pin versions that fit each other.`,
});

function wrongContract(subject: string, { apiVersion }: Fit, core: Fit): readonly Problem[] {
  if (apiVersion === undefined) {
    const message = `${subject} does not say which contract it implements. Its maintainers must set virtDrivers.apiVersion in package.json.`;
    return [{ kind: 'api-version', subject, message }];
  }
  if (core.apiVersion === undefined || isCompatible(apiVersion, core.apiVersion)) return [];
  const message = `${subject} implements contract ${apiVersion}, but @virt-drivers/core ${core.version} offers ${core.apiVersion}. Pin a driver for that contract.`;
  return [{ kind: 'api-version', subject, message }];
}
