import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { messageOf } from './error-detail.js';
import { installTarballs } from './installation.js';
import type { PinsContext } from './pins-context.js';
import { failure } from './problem.js';
import type { Tarball } from './tarball.js';

const READ_MILLISECONDS = 30_000;

// Only what JSON can carry comes back, and nothing of the driver runs in this process.
const SCRIPT = `
const manifests = await Promise.all(['before', 'after'].map(async (name) => (await import(name)).driver.manifest));
console.log(JSON.stringify(manifests));
process.exit(0);`;

const support = v.union([v.literal(true), v.object({ conditions: v.array(v.looseObject({ needs: v.string() })) })]);
const capabilities = v.record(v.string(), v.record(v.string(), support));
const manifestsSchema = v.pipe(v.string(), v.parseJson(), v.array(v.object({ capabilities })));

/** Rows of the support matrix that a driver claims: capability → `yes`, or what it needs. */
export type SupportRows = ReadonlyMap<string, string>;

function rowsOf(claimed: v.InferOutput<typeof capabilities>): SupportRows {
  const needs = (value: v.InferOutput<typeof support>): string =>
    value === true ? 'yes' : value.conditions.map((each) => each.needs).join(', ');
  return new Map(
    Object.entries(claimed).flatMap(([facet, keys]) => [
      [facet, 'yes'] as const,
      ...Object.entries(keys).map(([key, value]) => [`${facet}.${key}`, needs(value)] as const),
    ]),
  );
}

/** What changed between two versions: `+ row: yes`, `- row: yes`, `~ row: yes → needs`. */
export function rowsDiff(before: SupportRows, after: SupportRows): readonly string[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort();
  return keys.flatMap((key) => {
    const [old, now] = [before.get(key), after.get(key)];
    if (old === now) return [];
    if (old === undefined) return [`+ ${key}: ${now}`];
    return now === undefined ? [`- ${key}: ${old}`] : [`~ ${key}: ${old} → ${now}`];
  });
}

/**
 * Compares what two versions of a driver claim, by the manifests inside their tarballs, installed beside their core.
 * Errors: `not-a-package`, when they do not install or hold no driver.
 */
export async function changedRows(
  tarballs: { readonly before: Tarball; readonly after: Tarball; readonly core: Tarball },
  context: PinsContext,
): Promise<readonly string[]> {
  const { before, after, core } = tarballs;
  const named = { before, after, '@virt-drivers/core': core };
  const packages = Object.entries(named).map(([name, tarball]) => ({ pin: { package: name }, tarball }));
  const installation = await installTarballs(packages, context);
  try {
    const options = { cwd: installation.folder, timeout: READ_MILLISECONDS };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', SCRIPT], options);
    const [old, now] = v.parse(manifestsSchema, stdout);
    return rowsDiff(rowsOf(old?.capabilities ?? {}), rowsOf(now?.capabilities ?? {}));
  } catch (error) {
    throw failure(
      'not-a-package',
      'the support matrix',
      `The drivers in the tarballs cannot be read: ${messageOf(error)}`,
      error,
    );
  } finally {
    await installation.close();
  }
}
