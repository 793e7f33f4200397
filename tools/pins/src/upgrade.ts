import { addPin, type AddRequest } from './add.js';
import { blockOf } from './blocks.js';
import { coreIn, pinsIn } from './channel.js';
import { misfits } from './compatibility.js';
import { apiDiff } from './package-diff.js';
import { online, type PinsContext } from './pins-context.js';
import { subjectOf } from './pins-file.js';
import type { Pin, PinsFile } from './pins-schema.js';
import { failure, PinsError } from './problem.js';
import { fetchPackage } from './published-package.js';
import type { PackageDocument } from './registry.js';
import { changedRows } from './support-rows.js';
import { readTarball, type Tarball } from './tarball.js';
import compare from 'semver/functions/compare.js';
import prerelease from 'semver/functions/prerelease.js';

/** What is to be upgraded, and how. */
export interface UpgradeRequest extends Pick<AddRequest, 'name' | 'channel' | 'proofs' | 'acceptOrigin'> {
  /** Why; default: says which version it replaces. */
  readonly reason?: string;
  readonly prerelease?: boolean;
}

/** What an upgrade changes. */
export interface Upgrade {
  readonly before: Pin;
  readonly after: Pin;
  /** Unified diff; empty when the API is the same. */
  readonly api: string;
  /** Rows of the support matrix that changed. */
  readonly rows: readonly string[];
}

function newer(
  document: PackageDocument | undefined,
  pin: Pin,
  { blocks }: PinsFile,
  withPrerelease: boolean,
): readonly string[] {
  return Object.entries(document?.versions ?? {})
    .filter(
      ([version, { deprecated }]) =>
        compare(version, pin.version) > 0 &&
        (deprecated ?? false) === false &&
        blockOf(blocks, pin.package, version) === undefined,
    )
    .map(([version]) => version)
    .filter((version) => withPrerelease || prerelease(version) === null)
    .sort((a, b) => compare(b, a));
}

async function tarballOf(pin: Pin, context: PinsContext): Promise<Tarball | undefined> {
  const cached = await context.cache.find(pin.integrity);
  if (cached !== undefined) return readTarball(cached, subjectOf(pin));
  try {
    const { tarball } = await fetchPackage(context, pin.package, pin.version);
    return tarball.integrity === pin.integrity ? tarball : undefined;
  } catch (error) {
    // A version that is gone cannot be compared, which must not keep anybody from leaving it.
    if (error instanceof PinsError) return undefined;
    throw error;
  }
}

async function describe(before: Pin, after: Pin, core: Pin | undefined, context: PinsContext): Promise<Upgrade> {
  const find = async (pin: Pin | undefined) => (pin === undefined ? undefined : tarballOf(pin, context));
  const [old, now, ofCore] = await Promise.all([find(before), find(after), find(core)]);
  if (old === undefined || now === undefined) {
    context.note(`${subjectOf(before)} cannot be had any more, so nothing is compared with it.`);
    return { before, after, api: '', rows: [] };
  }
  const api = apiDiff(old, now, { before: subjectOf(before), after: subjectOf(after) });
  if (after.kind !== 'driver' || core === undefined || ofCore === undefined) return { before, after, api, rows: [] };
  return { before, after, api, rows: await changedRows({ before: old, after: now, core: ofCore }, context) };
}

async function newestFitting(
  file: PinsFile,
  pin: Pin,
  request: UpgradeRequest,
  context: PinsContext,
): Promise<{ file: PinsFile; pin: Pin } | undefined> {
  const document = await online(context, `Upgrading ${pin.package}`).document(pin.package);
  const pins = pinsIn(file, request.channel);
  const problems: PinsError[] = [];
  for (const version of newer(document, pin, file, request.prerelease ?? false)) {
    try {
      return await addPin(file, { reason: `Replaces ${pin.version}.`, ...request, version }, context);
    } catch (error) {
      // What does not fit this core is passed over; everything else that is wrong with the newest is said aloud.
      if (
        !(error instanceof PinsError) ||
        error.problems.some(({ kind }) => kind !== 'core-range' && kind !== 'api-version')
      )
        throw error;
      for (const { message } of error.problems) context.note(`Passed over: ${message}`);
      problems.push(error);
    }
  }
  const stuck = pin.state === 'blocked' || misfits(pin, coreIn(pins)).length > 0;
  if (stuck)
    throw failure(
      'missing',
      subjectOf(pin),
      `${subjectOf(pin)} cannot stay, and no newer version of it fits. ${problems.map(({ message }) => message).join(' ')}`.trim(),
    );
  return undefined;
}

/**
 * Replaces a pin by the newest version that fits: newer, not blocked, not deprecated, for the core that is pinned. The
 * result is undefined when there is none. Errors: as `addPin`, and `not-pinned`.
 */
export async function upgradePin(
  file: PinsFile,
  request: UpgradeRequest,
  context: PinsContext,
): Promise<{ readonly file: PinsFile; readonly upgrade: Upgrade | undefined }> {
  const pins = pinsIn(file, request.channel);
  const before = pins.find((pin) => pin.package === request.name);
  if (before === undefined)
    throw failure(
      'not-pinned',
      request.name,
      `${request.name} is not pinned in ${request.channel}. Add it first: virt pins add ${request.name}@<version>`,
    );
  const found = await newestFitting(file, before, request, context);
  if (found === undefined) return { file, upgrade: undefined };
  const core = coreIn(pinsIn(found.file, request.channel));
  return { file: found.file, upgrade: await describe(before, found.pin, core, context) };
}
