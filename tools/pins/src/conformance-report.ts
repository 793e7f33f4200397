import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import type { Evidence, Pin } from './pins-schema.js';
import { failure } from './problem.js';

const text = v.string();
const schema = v.object({
  schemaVersion: v.literal(1),
  suite: v.object({ name: text, version: text }),
  driver: v.object({ name: text, version: text, apiVersion: text }),
  target: text,
  tier: v.picklist(['memory', 'peer', 'live']),
  partial: v.boolean(),
  environment: v.object({
    simulator: v.optional(text),
    hosts: v.array(v.object({ product: text, version: text })),
  }),
  results: v.array(v.object({ id: text, outcome: text, reason: v.optional(text), until: v.optional(text) })),
  problems: v.array(text),
  digest: text,
});

/** What a pin keeps of a report of `virt-conformance`. */
export interface Proof {
  readonly driver: { readonly name: string; readonly version: string; readonly apiVersion: string };
  readonly evidence: Evidence;
  readonly hypervisors: Pin['hypervisors'];
}

// As the suite writes it: keys sorted, without spaces. Its digest covers everything else in the report.
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, canonical(inner)]),
  );
}

function digestOf(report: object): string {
  const rest = Object.fromEntries(Object.entries(report).filter(([key]) => key !== 'digest'));
  return `sha256:${createHash('sha256')
    .update(JSON.stringify(canonical(rest)))
    .digest('hex')}`;
}

/** Reads a report. Throws `evidence` when it was changed, is of part of the suite only, or has failures. */
export async function readProof(path: string): Promise<Proof> {
  const json: unknown = JSON.parse(await readFile(path, 'utf8').catch(() => 'null'));
  const result = v.safeParse(schema, json);
  const refuse = (reason: string) =>
    failure('evidence', path, `Report ${path} proves nothing: ${reason}. Run virt-conformance on the tarball again.`);
  if (!result.success || typeof json !== 'object' || json === null)
    throw refuse('it is not a report of virt-conformance');
  const { suite, driver, target, tier, partial, environment, results, problems, digest } = result.output;
  if (digestOf(json) !== digest) throw refuse('it was changed after it was made');
  if (partial) throw refuse('it covers only some of the cases');
  const failed = results.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id);
  if (failed.length > 0 || problems.length > 0)
    throw refuse([...failed.map((id) => `${id} failed`), ...problems].join(', '));
  const gaps = results.flatMap(({ id, outcome, reason = '', until = '' }) =>
    outcome === 'gap' ? [{ id, reason, until }] : [],
  );
  return {
    driver,
    evidence: { digest, suite: `${suite.name}@${suite.version}`, tier, target, gaps },
    hypervisors: environment.hosts.map(({ product, version }) => ({
      product: environment.simulator === undefined ? product : `${environment.simulator} as ${product}`,
      version,
      tier,
    })),
  };
}
