import type { MachineSpec } from '@virt-drivers/core';
import { createHash } from 'node:crypto';

/** Namespace of the uuids that are made of tokens and owners; any fixed one serves. */
const NAMESPACE = Buffer.from('8c2f6de41b7a4f0e9b53c6a7d2e01f48', 'hex');

/** A uuid made of a text, the same for the same text: RFC 9562, version 5. */
function uuidOf(text: string): string {
  const hash = createHash('sha1').update(NAMESPACE).update(text).digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The machine that a client token makes: whoever repeats the call finds it by vSphere's index. */
export const tokenUuid = (clientToken: string): string => uuidOf(`token:${clientToken}`);

/** The machine that the first create with a record of this owner makes. */
export const ownerUuid = (owner: string): string => uuidOf(`owner:${owner}`);

/** True for an id as vSphere writes uuids; nothing else can be one of its machines. */
export const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

/** Equal for equal specs, whatever the order of their members. */
export const specHash = (spec: MachineSpec): string => createHash('sha256').update(canonical(spec)).digest('hex');

/** JSON with sorted members. Secrets show as `[secret]` and do not count. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === 'bigint') return `${inner}n`;
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
