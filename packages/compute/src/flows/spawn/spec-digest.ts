import { createHash } from 'node:crypto';
import type { InstanceSpec } from '../../instance/spec.js';

/**
 * Digest of what was asked for, which tells a repeated spawn from another one for the same id. Without what may hold
 * secrets: contents of the config drive and driver-specific extensions.
 */
export function specDigest({ configDrive, extensions: _extensions, image, ...spec }: InstanceSpec): string {
  const kept = { ...spec, image: image?.declaration, configDrive: configDrive && { device: configDrive.device } };
  return createHash('sha256').update(JSON.stringify(kept, canonical)).digest('hex');
}

function canonical(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
