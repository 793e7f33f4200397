import { blockOf } from './blocks.js';
import { coreIn, pinsIn } from './channel.js';
import { misfits } from './compatibility.js';
import { manifestOf } from './package-manifest.js';
import { subjectOf } from './pins-file.js';
import type { PinsContext } from './pins-context.js';
import type { Pin, PinsFile } from './pins-schema.js';
import { PinsError, type Problem } from './problem.js';
import { versionIn } from './published-package.js';
import { integrityOf, readTarball, type Tarball } from './tarball.js';

/** What was found about one pin. */
export interface Verified {
  readonly pin: Pin;
  readonly problems: readonly Problem[];
  /** Its tarball, proven to be the pinned one. */
  readonly tarball?: Tarball;
}

const altered = (pin: Pin, found: string): Problem => ({
  kind: 'altered',
  subject: subjectOf(pin),
  message: `The tarball of ${subjectOf(pin)} is not the pinned one: its SHA-512 is ${found}, the pin says ${pin.integrity}. Do not use it; ask who runs the registry.`,
});

function factsOf(pin: Pin, tarball: Tarball): readonly Problem[] {
  const { kind, apiVersion, coreRange } = manifestOf(tarball, pin.package, pin.version);
  const same =
    kind === pin.kind &&
    apiVersion === pin.apiVersion &&
    coreRange === pin.coreRange &&
    tarball.filesDigest === pin.filesDigest;
  if (same) return [];
  const message = `The pin of ${subjectOf(pin)} does not say what its tarball says. It was edited by hand; pin the version again.`;
  return [{ kind: 'file-invalid', subject: subjectOf(pin), message }];
}

async function fromRegistry(pin: Pin, context: PinsContext): Promise<Verified> {
  const subject = subjectOf(pin);
  const published = versionIn(await context.registry?.document(pin.package), pin.package, pin.version);
  const bytes = await context.registry?.bytes(published.dist.tarball);
  if (bytes === undefined) {
    return {
      pin,
      problems: [
        {
          kind: 'missing',
          subject,
          message: `The tarball of ${subject} is gone from the registry. Block it and upgrade.`,
        },
      ],
    };
  }
  if (integrityOf(bytes) !== pin.integrity) return { pin, problems: [altered(pin, integrityOf(bytes))] };
  await context.cache.keep(bytes);
  const tarball = await readTarball(bytes, subject);
  const { deprecated } = published;
  const isDeprecated = deprecated !== undefined && deprecated !== false && deprecated !== '';
  const message = `${subject} is deprecated: ${String(deprecated)} Upgrade it: virt pins upgrade ${pin.package}`;
  return {
    pin,
    tarball,
    problems: [...factsOf(pin, tarball), ...(isDeprecated ? [{ kind: 'deprecated', subject, message } as const] : [])],
  };
}

async function fromCache(pin: Pin, context: PinsContext): Promise<Verified> {
  const subject = subjectOf(pin);
  const bytes = await context.cache.find(pin.integrity);
  if (bytes !== undefined) {
    const tarball = await readTarball(bytes, subject);
    return { pin, tarball, problems: factsOf(pin, tarball) };
  }
  const message = `The tarball of ${subject} is not in the cache ${context.cache.folder}. Run virt pins verify once with a registry.`;
  return { pin, problems: [{ kind: 'missing', subject, message }] };
}

function blocked(pin: Pin, { blocks }: PinsFile): readonly Problem[] {
  const block = blockOf(blocks, pin.package, pin.version);
  if (block === undefined && pin.state === 'approved') return [];
  const way = block?.fixedIn === undefined ? 'Upgrade it.' : `Upgrade it to ${block.fixedIn}.`;
  return [
    {
      kind: 'blocked',
      subject: subjectOf(pin),
      message: `${subjectOf(pin)} is blocked: ${block?.reason ?? pin.reason} ${way}`,
    },
  ];
}

async function verifyPin(pin: Pin, file: PinsFile, core: Pin | undefined, context: PinsContext): Promise<Verified> {
  const known = [...blocked(pin, file), ...misfits(pin, core)];
  try {
    const found = await (context.registry === undefined ? fromCache(pin, context) : fromRegistry(pin, context));
    return { ...found, problems: [...known, ...found.problems] };
  } catch (error) {
    if (!(error instanceof PinsError)) throw error;
    return { pin, problems: [...known, ...error.problems] };
  }
}

/**
 * Compares what is pinned in a channel with what the registry has now (or, offline, with the cache), and the pins with
 * each other and the blocks. Never throws for what it finds: every pin is looked at. Conformance is another step.
 */
export async function verifyPins(file: PinsFile, channel: string, context: PinsContext): Promise<readonly Verified[]> {
  const pins = pinsIn(file, channel);
  const core = coreIn(pins);
  if (context.registry === undefined)
    context.note('Offline: whether the registry still has these versions, and deprecated none, was not asked.');
  return Promise.all(pins.map((pin) => verifyPin(pin, file, core, context)));
}
