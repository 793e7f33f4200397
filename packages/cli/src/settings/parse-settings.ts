import { DriverError } from '@virt-drivers/core';
import type { PartialSettings } from './settings.js';

const TEXTS = ['driver', 'target', 'pins', 'pinsChannel', 'pool', 'network'] as const;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Checks what a file or the environment says. `source` begins the error's sentence. Errors: `REQUEST.INVALID`. */
export function parseSettings(content: unknown, source: string): PartialSettings {
  const fail = (text: string): never => {
    throw new DriverError('REQUEST.INVALID', `${source}: ${text}`);
  };
  if (!isRecord(content)) return fail('must be a mapping of settings to values.');
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(content)) {
    if (value === undefined) continue;
    if (TEXTS.some((name) => name === key)) {
      if (typeof value !== 'string' || value === '') fail(`${key} must be a text.`);
    } else if (key === 'output') {
      if (value !== 'table' && value !== 'json') fail('output must be "table" or "json".');
    } else if (key === 'timeoutSeconds') {
      if (typeof value !== 'number' || !(value > 0)) fail('timeoutSeconds must be a number above 0.');
    } else if (key === 'options') {
      if (!isRecord(value)) fail('options must map names to values.');
    } else {
      fail(`"${key}" is not a setting. Known: ${[...TEXTS, 'options', 'output', 'timeoutSeconds'].join(', ')}.`);
    }
    result[key] = value;
  }
  return result;
}

/**
 * Settings in the environment: VIRT_DRIVER, VIRT_TARGET, VIRT_PINS, VIRT_PINS_CHANNEL, VIRT_POOL, VIRT_NETWORK, VIRT_OUTPUT,
 * VIRT_TIMEOUT (seconds).
 */
export function environmentSettings(env: Readonly<Record<string, string | undefined>>): PartialSettings {
  const timeout = env['VIRT_TIMEOUT'];
  return parseSettings(
    {
      driver: env['VIRT_DRIVER'],
      target: env['VIRT_TARGET'],
      pins: env['VIRT_PINS'],
      pinsChannel: env['VIRT_PINS_CHANNEL'],
      pool: env['VIRT_POOL'],
      network: env['VIRT_NETWORK'],
      output: env['VIRT_OUTPUT'],
      timeoutSeconds: timeout === undefined ? undefined : Number(timeout),
    },
    'Environment (VIRT_…)',
  );
}
