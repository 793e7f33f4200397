import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { RunResult } from '../run.js';
import { SUITE_VERSION } from '../suite-version.js';
import { canonicalJson } from './canonical-json.js';

const text = v.pipe(v.string(), v.minLength(1));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const head = { id: text, title: text, requires: v.array(text), durationMilliseconds: count };

const caseResult = v.variant('outcome', [
  v.strictObject({ ...head, outcome: v.literal('passed'), standIns: v.optional(v.array(text)) }),
  v.strictObject({ ...head, outcome: v.literal('failed'), message: text }),
  v.strictObject({ ...head, outcome: v.literal('gap'), message: text, reason: text, until: text }),
  v.strictObject({
    ...head,
    outcome: v.literal('not-applicable'),
    because: v.picklist(['absent', 'narrowed', 'present']),
    reason: text,
  }),
]);

const condition = v.looseObject({ needs: text, reason: text });
const support = v.union([v.literal(true), v.strictObject({ conditions: v.array(condition) })]);

const body = {
  schemaVersion: v.literal(1),
  suite: v.strictObject({ name: text, version: text }),
  driver: v.strictObject({ name: text, version: text, apiVersion: text, title: text }),
  target: text,
  tier: v.picklist(['memory', 'peer', 'live']),
  /** True when only some of the cases were asked for: such a report proves nothing about the others. */
  partial: v.boolean(),
  startedAt: v.pipe(v.string(), v.isoTimestamp()),
  durationMilliseconds: count,
  environment: v.strictObject({
    node: text,
    platform: text,
    simulator: v.optional(text),
    hosts: v.array(
      v.strictObject({
        product: text,
        version: text,
        managementVersion: v.optional(text),
        hardwareAcceleration: v.boolean(),
      }),
    ),
  }),
  capabilities: v.record(text, v.record(text, support)),
  narrowings: v.array(v.strictObject({ capability: text, reason: text })),
  results: v.array(caseResult),
  problems: v.array(text),
  summary: v.strictObject({ passed: count, failed: count, gap: count, notApplicable: count }),
};

const reportSchema = v.strictObject({ ...body, digest: v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/)) });

/** What a run leaves behind, as JSON. Its digest covers everything else in it. */
export type Report = v.InferOutput<typeof reportSchema>;

const digestOf = (report: Omit<Report, 'digest'>): string =>
  `sha256:${createHash('sha256').update(canonicalJson(report)).digest('hex')}`;

/** Makes the report of a run. */
export function reportOf(run: RunResult, partial: boolean): Report {
  const { driver, results } = run;
  const { name, version, apiVersion, title } = driver.manifest;
  const of = (outcome: string): number => results.filter((result) => result.outcome === outcome).length;
  const unsigned = {
    schemaVersion: 1,
    suite: { name: '@virt-drivers/conformance', version: SUITE_VERSION },
    driver: { name, version, apiVersion, title },
    target: driver.target,
    tier: run.tier,
    partial,
    startedAt: run.startedAt.toISOString(),
    durationMilliseconds: run.durationMilliseconds,
    environment: run.environment,
    // Through JSON, because what is written must be what is signed.
    capabilities: JSON.parse(canonicalJson(driver.capabilities)) as Report['capabilities'],
    narrowings: [...driver.narrowings],
    results,
    problems: run.problems,
    summary: { passed: of('passed'), failed: of('failed'), gap: of('gap'), notApplicable: of('not-applicable') },
  };
  const plain = JSON.parse(canonicalJson(unsigned)) as Omit<Report, 'digest'>;
  return v.parse(reportSchema, { ...plain, digest: digestOf(plain) });
}

/** Reads a report that came from outside. Throws an `Error` that says what is wrong, also when it was changed. */
export function parseReport(value: unknown, source: string): Report {
  const result = v.safeParse(reportSchema, value);
  if (!result.success) {
    const problems = result.issues.map((issue) => `${v.getDotPath(issue) ?? 'report'}: ${issue.message}`);
    throw new Error(`Report ${source} is not valid: ${problems.join('; ')}.`);
  }
  const { digest, ...rest } = result.output;
  if (digestOf(rest) !== digest)
    throw new Error(`Report ${source} was changed after it was made: its digest does not fit.`);
  return result.output;
}
