import * as v from 'valibot';
import type { Provenance } from './pins-schema.js';
import { failure } from './problem.js';
import type { PublishedVersion, Registry } from './registry.js';
import type { Tarball } from './tarball.js';

const SLSA = 'https://slsa.dev/provenance/v1';

const attestations = v.object({
  attestations: v.array(
    v.object({ predicateType: v.string(), bundle: v.object({ dsseEnvelope: v.object({ payload: v.string() }) }) }),
  ),
});

const statement = v.object({
  subject: v.array(v.object({ digest: v.object({ sha512: v.string() }) })),
  predicate: v.object({
    buildDefinition: v.object({
      externalParameters: v.object({
        workflow: v.object({ repository: v.string(), path: v.string(), ref: v.string() }),
      }),
      resolvedDependencies: v.array(v.object({ digest: v.object({ gitCommit: v.optional(v.string()) }) })),
    }),
    runDetails: v.object({ builder: v.object({ id: v.string() }) }),
  }),
});

const parse = <T extends v.GenericSchema>(schema: T, text: string) =>
  v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);

/**
 * Who built a tarball, as its SLSA attestation says; undefined when it has none. The attestation must be about these
 * bytes. Its signature is not checked here: `npm audit signatures` does that.
 */
export async function provenanceOf(
  registry: Registry,
  published: PublishedVersion,
  tarball: Tarball,
  subject: string,
): Promise<Provenance | undefined> {
  const address = published.dist.attestations?.url;
  if (address === undefined) return undefined;
  const refuse = (reason: string) =>
    failure(
      'provenance-changed',
      subject,
      `The attestation of ${subject} ${reason}. Do not pin it; ask its maintainers.`,
    );
  const body = await registry.bytes(address);
  const list = parse(attestations, body?.toString('utf8') ?? '');
  const found = list.success ? list.output.attestations.find(({ predicateType }) => predicateType === SLSA) : undefined;
  if (found === undefined) throw refuse('cannot be read');
  const payload = Buffer.from(found.bundle.dsseEnvelope.payload, 'base64').toString('utf8');
  const read = parse(statement, payload);
  if (!read.success) throw refuse('does not say who built it');
  const sha512 = Buffer.from(tarball.integrity.replace('sha512-', ''), 'base64').toString('hex');
  if (!read.output.subject.some(({ digest }) => digest.sha512 === sha512)) throw refuse('is about other bytes');
  const { buildDefinition, runDetails } = read.output.predicate;
  const { repository, path, ref } = buildDefinition.externalParameters.workflow;
  const commit = buildDefinition.resolvedDependencies.find(({ digest }) => digest.gitCommit !== undefined)?.digest
    .gitCommit;
  return { repository, workflow: path, ref, commit: commit ?? 'unknown', builder: runDetails.builder.id };
}

/** True when another version came from the same workflow of the same repository. A pin that had none has nothing to lose. */
export function sameOrigin(before: Provenance | undefined, after: Provenance | undefined): boolean {
  if (before === undefined) return true;
  return (
    before.repository === after?.repository && before.workflow === after.workflow && before.builder === after.builder
  );
}
