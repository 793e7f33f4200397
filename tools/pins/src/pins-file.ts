import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import * as v from 'valibot';
import compare from 'semver/functions/compare.js';
import { blockOf } from './blocks.js';
import { isMissing, messageOf } from './error-detail.js';
import { pinsSchema, type Pin, type PinsFile } from './pins-schema.js';
import { failure } from './problem.js';

/** What a team starts with: pins are added to `next` and move to `stable` after a week, proven on a real peer. */
export const emptyPins = (): PinsFile => ({
  $schema: './node_modules/@virt-drivers/pins/pins.schema.json',
  schemaVersion: 1,
  channels: { next: { minimumAgeDays: 0 }, stable: { from: 'next', minimumAgeDays: 7, evidence: 'peer' } },
  pins: [],
  blocks: [],
});

export const subjectOf = ({ package: name, version }: Pick<Pin, 'package' | 'version'>): string => `${name}@${version}`;

function contradictions({ channels, pins, blocks }: PinsFile): readonly string[] {
  const places = pins.flatMap((pin) => Object.keys(pin.channels).map((channel) => `${pin.package} in ${channel}`));
  const froms = Object.values(channels).flatMap(({ from }) => (from === undefined ? [] : [from]));
  const named = [...pins.flatMap((pin) => Object.keys(pin.channels)), ...froms];
  const subjects = pins.map(subjectOf);
  const twice = (names: readonly string[]) => names.filter((name, index) => names.indexOf(name) !== index);
  return [
    ...twice(subjects).map((subject) => `${subject} is pinned twice`),
    ...twice(places).map((place) => `${place} has more than one version`),
    ...named.filter((name) => channels[name] === undefined).map((name) => `channel ${name} is not declared`),
    ...pins
      .filter((pin) => pin.state === 'approved' && blockOf(blocks, pin.package, pin.version))
      .map((pin) => `${subjectOf(pin)} is approved and blocked at once`),
  ];
}

/** Checks a pins.json. Throws a `PinsError` of kind `file-invalid` that names the place. */
export function parsePins(value: unknown, source: string): PinsFile {
  const result = v.safeParse(pinsSchema, value);
  const problems = result.success
    ? contradictions(result.output)
    : result.issues.map((issue) => `${v.getDotPath(issue) ?? 'the document'}: ${issue.message}`);
  if (result.success && problems.length === 0) return result.output;
  throw failure(
    'file-invalid',
    source,
    `File ${source} is not a list of pins: ${problems.join('; ')}. Correct it, or take the last good one from git.`,
  );
}

/** Reads a pins.json. Throws `PinsError`: `file-invalid`, also when it does not exist. */
export async function readPins(path: string): Promise<PinsFile> {
  const text = await readText(path);
  if (text === undefined) {
    throw failure(
      'file-invalid',
      path,
      `File ${path} does not exist. Begin one with: virt pins add <package>@<version>`,
    );
  }
  return parsePins(parseJson(text, path), path);
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw failure(
      'file-invalid',
      path,
      `File ${path} is not JSON: ${messageOf(error)}. Take the last good one from git.`,
      error,
    );
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const byPackage = (a: Pin, b: Pin): number =>
  a.package < b.package ? -1 : a.package > b.package ? 1 : compare(a.version, b.version);

/** The bytes of a pins.json: sorted, so that a change is a small diff. */
export const renderPins = (file: PinsFile): string =>
  `${JSON.stringify({ ...file, pins: [...file.pins].sort(byPackage) }, null, 2)}\n`;

async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    const handle = await open(draft, 'wx');
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/**
 * Changes a pins.json in one step: it is read, changed, checked and replaced as a whole, or not touched. Throws
 * `file-invalid` when somebody else wrote it meanwhile. `create` allows it not to exist.
 */
export async function changePins<T>(
  path: string,
  change: (file: PinsFile) => Promise<{ readonly file: PinsFile; readonly result: T }>,
  { create = false }: { readonly create?: boolean } = {},
): Promise<T> {
  const before = await readText(path);
  const { file, result } = await change(before === undefined && create ? emptyPins() : await readPins(path));
  const text = renderPins(parsePins(file, path));
  if (text === before) return result;
  if ((await readText(path)) !== before) {
    throw failure(
      'file-invalid',
      path,
      `File ${path} was changed by somebody else meanwhile. Nothing was written; run the command again.`,
    );
  }
  await replaceFile(path, text);
  return result;
}
