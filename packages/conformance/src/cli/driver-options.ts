import { Secret } from '@virt-drivers/core';
import { readFile } from 'node:fs/promises';
import { CommandFailure, EXIT } from './fail.js';

type Options = Record<string, unknown>;

/** Reads `key=value`. The value is text; use an options file for anything else, and for secrets. */
function parsePair(pair: string): readonly [string, string] {
  const at = pair.indexOf('=');
  if (at < 1) throw new CommandFailure(EXIT.usage, `Option "${pair}" must look like key=value.`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}

/** A JSON file in which `{ "$secret": "text" }` stands for a secret. */
export async function readJsonWithSecrets(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'), (_key, value: unknown) =>
    isSecret(value) ? new Secret(value.$secret) : value,
  );
}

const isSecret = (value: unknown): value is { readonly $secret: string } =>
  typeof value === 'object' && value !== null && '$secret' in value && typeof value.$secret === 'string';

/** Driver options from a JSON file and from the command line. */
export async function readDriverOptions(file: string | undefined, pairs: readonly string[]): Promise<Options> {
  const options: Options = {};
  if (file !== undefined) {
    const parsed = await readJsonWithSecrets(file);
    if (typeof parsed !== 'object' || parsed === null)
      throw new CommandFailure(EXIT.usage, `Options file ${file} must hold a JSON object.`);
    Object.assign(options, parsed);
  }
  return Object.assign(options, Object.fromEntries(pairs.map(parsePair)));
}
