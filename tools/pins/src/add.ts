import { blockOf } from './blocks.js';
import { coreIn, pinsIn } from './channel.js';
import { misfits } from './compatibility.js';
import type { Proof } from './conformance-report.js';
import type { PinsContext } from './pins-context.js';
import type { Pin, PinsFile } from './pins-schema.js';
import { failure, PinsError } from './problem.js';
import { sameOrigin } from './provenance.js';
import { fetchPackage, type PublishedPackage } from './published-package.js';

/** What is to be pinned. */
export interface AddRequest {
  readonly name: string;
  readonly version: string;
  readonly channel: string;
  readonly reason: string;
  /** What reports of the conformance suite prove. */
  readonly proofs: readonly Proof[];
  /** Source commit, where neither provenance nor the registry tells. */
  readonly commit?: string;
  /** Accepts that another workflow or repository built it than the version before. */
  readonly acceptOrigin?: boolean;
}

function checkProofs({ manifest }: PublishedPackage, proofs: readonly Proof[]): void {
  const subject = `${manifest.name}@${manifest.version}`;
  for (const { driver } of proofs) {
    if (driver.name !== manifest.name || driver.version !== manifest.version) {
      throw failure(
        'evidence',
        subject,
        `The report is about ${driver.name}@${driver.version}, not about ${subject}. Give the report of the version that is pinned.`,
      );
    }
    if (driver.apiVersion !== manifest.apiVersion) {
      const stated = manifest.apiVersion ?? 'nothing';
      throw failure(
        'api-version',
        subject,
        `${subject} states contract ${stated} in its package.json, but ${driver.apiVersion} in its manifest. Its maintainers must make both equal.`,
      );
    }
  }
}

function sourceOf({ manifest, published, provenance }: PublishedPackage, commit: string | undefined): Pin['source'] {
  const found = provenance?.commit ?? commit ?? published.gitHead;
  const { repository } = manifest;
  return { ...(repository === undefined ? {} : { repository }), ...(found === undefined ? {} : { commit: found }) };
}

function makePin(fetched: PublishedPackage, request: AddRequest, { by, now }: PinsContext): Pin {
  const { manifest, tarball, provenance } = fetched;
  const at = now().toISOString();
  return {
    package: manifest.name,
    version: manifest.version,
    kind: manifest.kind,
    state: 'approved',
    reason: request.reason,
    by,
    at,
    channels: { [request.channel]: at },
    integrity: tarball.integrity,
    filesDigest: tarball.filesDigest,
    ...(manifest.apiVersion === undefined ? {} : { apiVersion: manifest.apiVersion }),
    ...(manifest.coreRange === undefined ? {} : { coreRange: manifest.coreRange }),
    hypervisors: request.proofs.flatMap(({ hypervisors }) => hypervisors),
    conformance: request.proofs.map(({ evidence }) => evidence),
    source: sourceOf(fetched, request.commit),
    ...(provenance === undefined ? {} : { provenance }),
  };
}

/** Takes other versions of a package out of a channel. A pin that is in no channel any more is forgotten. */
export function putInto(file: PinsFile, pin: Pin, channel: string): PinsFile {
  const others = file.pins
    .filter((each) => each !== pin && !(each.package === pin.package && each.version === pin.version))
    .map((each) => (each.package === pin.package ? { ...each, channels: without(each.channels, channel) } : each))
    .filter((each) => Object.keys(each.channels).length > 0);
  return { ...file, pins: [...others, pin] };
}

const without = (channels: Pin['channels'], channel: string): Pin['channels'] =>
  Object.fromEntries(Object.entries(channels).filter(([name]) => name !== channel));

function checkFit(pins: readonly Pin[], pin: Pin): void {
  const core = pin.kind === 'core' ? pin : coreIn(pins);
  const touched = pin.kind === 'core' ? pins.filter((each) => each.package !== pin.package) : [pin];
  const problems = touched.flatMap((each) => misfits(each, core));
  if (problems.length > 0) throw new PinsError(problems);
}

/**
 * Pins a published version in a channel, in place of the one that was there. Errors: `blocked`, `missing`, `altered`,
 * `deprecated`, `not-a-package`, `core-range`, `api-version`, `no-core`, `evidence`, `provenance-changed`, `already-pinned`.
 */
export async function addPin(
  file: PinsFile,
  request: AddRequest,
  context: PinsContext,
): Promise<{ readonly file: PinsFile; readonly pin: Pin }> {
  const { name, version, channel } = request;
  const subject = `${name}@${version}`;
  const present = pinsIn(file, channel);
  const block = blockOf(file.blocks, name, version);
  if (block !== undefined)
    throw failure(
      'blocked',
      subject,
      `${subject} is blocked: ${block.reason} Pin ${block.fixedIn ?? 'another version'}.`,
    );
  if (file.pins.some((each) => each.package === name && each.version === version)) {
    throw failure('already-pinned', subject, `${subject} is pinned already. See it with: virt pins explain ${name}`);
  }
  const fetched = await fetchPackage(context, name, version);
  const { deprecated } = fetched.published;
  if (deprecated !== undefined && deprecated !== false && deprecated !== '')
    throw failure('deprecated', subject, `${subject} is deprecated: ${String(deprecated)}`);
  checkProofs(fetched, request.proofs);
  const before = present.find((each) => each.package === name)?.provenance;
  if (!sameOrigin(before, fetched.provenance) && request.acceptOrigin !== true) {
    throw failure(
      'provenance-changed',
      subject,
      `${subject} was not built by ${before?.repository} ${before?.workflow}, which built the pinned version. If that is right, pass --accept-origin.`,
    );
  }
  const pin = makePin(fetched, request, context);
  checkFit(present, pin);
  return { file: putInto(file, pin, channel), pin };
}
