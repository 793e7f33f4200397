import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { DriverError } from '@virt-drivers/core';
import { isMissing } from '../is-missing.js';
import { parseSettings } from './parse-settings.js';
import type { PartialSettings } from './settings.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the configuration file is: `$VIRT_CONFIG`, or config.yaml in the user's configuration directory. */
export const settingsPath = (env: Environment): string =>
  env['VIRT_CONFIG'] ??
  join(env['XDG_CONFIG_HOME'] ?? join(env['HOME'] || homedir(), '.config'), 'virt-drivers', 'config.yaml');

/** Reads the configuration file; a missing one is empty, unless `$VIRT_CONFIG` names it. Errors: `REQUEST.INVALID`. */
export async function readSettingsFile(env: Environment): Promise<PartialSettings> {
  const path = settingsPath(env);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (isMissing(cause) && env['VIRT_CONFIG'] === undefined) return {};
    throw new DriverError(
      'REQUEST.INVALID',
      `Configuration file ${path} cannot be read. Check the path and its permissions.`,
      { cause },
    );
  }
  // Loaded here because most runs have no configuration file.
  const { parse } = await import('yaml');
  let content: unknown;
  try {
    content = parse(text);
  } catch (cause) {
    throw new DriverError('REQUEST.INVALID', `Configuration file ${path} is not valid YAML. Correct it or remove it.`, {
      cause,
    });
  }
  const settings = parseSettings(content ?? {}, `Configuration file ${path}`);
  // A file beside this one, wherever the command is started.
  return settings.pins === undefined ? settings : { ...settings, pins: resolve(dirname(path), settings.pins) };
}
