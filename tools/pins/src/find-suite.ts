import compare from 'semver/functions/compare.js';
import prerelease from 'semver/functions/prerelease.js';
import { addPin } from './add.js';
import { pinsIn } from './channel.js';
import { SUITE, type Proven } from './conformance.js';
import { parseSpec, type PinsContext } from './pins-context.js';
import { subjectOf } from './pins-file.js';
import type { PinsFile } from './pins-schema.js';
import { PinsError } from './problem.js';
import { readTarball } from './tarball.js';

/** How many versions of the registry are looked at, newest first. */
const CANDIDATES = 5;

/** The suites that proved what is pinned, newest first. */
function provenWith(file: PinsFile, channel: string): readonly string[] {
  const suites = pinsIn(file, channel).flatMap(({ conformance }) => conformance.map(({ suite }) => parseSpec(suite)));
  const versions = suites.filter(({ name }) => name === SUITE).map(({ version }) => version);
  return [...new Set(versions)].sort((a, b) => compare(b, a));
}

async function newest({ registry }: PinsContext): Promise<readonly string[]> {
  const document = await registry?.document(SUITE);
  return Object.keys(document?.versions ?? {})
    .filter((version) => prerelease(version) === null)
    .sort((a, b) => compare(b, a))
    .slice(0, CANDIDATES);
}

/**
 * Finds a conformance suite for a channel that has none pinned: the one that proved its drivers, else the newest of the registry
 * that fits the pinned core, is not blocked and not deprecated. Undefined when one is pinned, when none fits, and offline.
 */
export async function findSuite(file: PinsFile, channel: string, context: PinsContext): Promise<Proven | undefined> {
  if (context.registry === undefined || pinsIn(file, channel).some((pin) => pin.package === SUITE)) return undefined;
  for (const version of new Set([...provenWith(file, channel), ...(await newest(context))])) {
    try {
      // Held to what a pin is held to, and written nowhere.
      const { pin } = await addPin(file, { name: SUITE, version, channel, reason: '', proofs: [] }, context);
      const bytes = await context.cache.find(pin.integrity);
      if (bytes === undefined) continue;
      context.note(`${subjectOf(pin)} is not pinned; what the registry has now is used, ${pin.integrity}.`);
      return { pin, tarball: await readTarball(bytes, subjectOf(pin)) };
    } catch (error) {
      if (!(error instanceof PinsError)) throw error;
      context.note(`Passed over: ${error.message}`);
    }
  }
  return undefined;
}
