import { readFile } from 'node:fs/promises';
import * as v from 'valibot';

const knownGap = v.strictObject({
  id: v.pipe(v.string(), v.minLength(1)),
  /** One sentence: what is missing, and what would close the gap. */
  reason: v.pipe(v.string(), v.minLength(10, 'must say what is missing')),
  /** Last day on which the gap is excused, as YYYY-MM-DD. */
  until: v.pipe(v.string(), v.isoDate('must be a day such as 2027-06-30')),
});

const knownGaps = v.array(knownGap);

/** A case that a driver is known to fail. */
export type KnownGap = v.InferOutput<typeof knownGap>;

/** Reads a list of known gaps that came from outside. Throws an `Error` that says where it is wrong. */
export function parseKnownGaps(value: unknown, source: string): readonly KnownGap[] {
  const result = v.safeParse(knownGaps, value);
  if (result.success) return result.output;
  const problems = result.issues.map((issue) => `${v.getDotPath(issue) ?? 'list'}: ${issue.message}`);
  throw new Error(`Known gaps in ${source} are not valid: ${problems.join('; ')}.`);
}

/** Reads a `known-gaps.json`. */
export async function readKnownGaps(path: string): Promise<readonly KnownGap[]> {
  return parseKnownGaps(JSON.parse(await readFile(path, 'utf8')), path);
}

/** What is wrong with the list itself, as sentences: unknown or repeated ids, and entries whose day is over. */
export function problemsOfGaps(gaps: readonly KnownGap[], knownIds: ReadonlySet<string>, now: Date): readonly string[] {
  const today = now.toISOString().slice(0, 10);
  return gaps.flatMap(({ id, until }, index) => [
    ...(knownIds.has(id) ? [] : [`Known gap ${id} names no case of this suite.`]),
    ...(gaps.findIndex((gap) => gap.id === id) === index ? [] : [`Known gap ${id} is listed twice.`]),
    ...(until < today ? [`Known gap ${id} was excused until ${until}; close it or decide again.`] : []),
  ]);
}
