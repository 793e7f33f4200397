import satisfies from 'semver/functions/satisfies.js';
import { DriverError } from '../errors/driver-error.js';
import type { DriverPackage } from './driver-package.js';
import { checkPins, type DriverPin, type DriverPins } from './driver-pins.js';
import { filesDigest } from './files-digest.js';
import { installedFiles } from './installed-files.js';

const refusal = (name: string, text: string): DriverError =>
  new DriverError('DRIVER.NOT_APPROVED', `Driver ${name} ${text}`, { subject: name });

function wayOut(pins: readonly DriverPin[], name: string): string {
  const approved = pins.filter((pin) => pin.package === name && pin.state === 'approved').map(({ version }) => version);
  return approved.length > 0 ? `Install ${name}@${approved.join(' or ')}.` : `No version of it is approved.`;
}

/**
 * Strict mode of the loader: lets an installed driver pass whose version is approved and whose files are those that were
 * published. Needs no network. Throws `DRIVER.NOT_APPROVED`: blocked, not pinned, or altered.
 */
export async function checkApproval({ name, version, directory }: DriverPackage, given: DriverPins): Promise<void> {
  const { pins, blocks } = checkPins(given);
  const usable = pins.filter((pin) => !blocks.some((block) => isBlocked(block, pin.package, pin.version)));
  const block = blocks.find((each) => isBlocked(each, name, version));
  const pin = pins.find((each) => each.package === name && each.version === version);
  const reason = block?.reason ?? (pin?.state === 'blocked' ? pin.reason : undefined);
  if (reason !== undefined) throw refusal(name, `${version} is blocked: ${reason} ${wayOut(usable, name)}`);
  if (pin === undefined) {
    throw refusal(
      name,
      `${version} is not pinned. ${wayOut(usable, name)} Or have it approved: virt pins add ${name}@${version}`,
    );
  }
  if (filesDigest(await installedFiles(directory)) !== pin.filesDigest) {
    throw refusal(
      name,
      `${version} in ${directory} was altered: its files are not those that were published. Install it again, from a clean cache.`,
    );
  }
}

const isBlocked = (block: Required<DriverPins>['blocks'][number], name: string, version: string): boolean =>
  block.package === name && satisfies(version, block.range, { includePrerelease: true });
