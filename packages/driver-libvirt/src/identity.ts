import { createHash, randomBytes } from 'node:crypto';
import { diskId, type DiskId, type MachineSpec } from '@virt-drivers/core';

/** Namespace of the names that come from client tokens; any fixed UUID serves. */
const TOKEN_NAMESPACE = Buffer.from('5b0f3cf0c27c4c1f9d0e5a3d1e6b7a42', 'hex');

/**
 * Native name of a machine. The same for the same token: libvirt refuses a second domain of one name, so that of several
 * processes that create with one token only one succeeds. (A second definition with one uuid replaces the first.)
 */
export const domainName = (uuid: string, clientToken: string | undefined): string =>
  `vd-${clientToken === undefined ? uuid : tokenUuid(clientToken)}`;

/** A uuid made of a text, the same for the same one. RFC 9562, version 5. */
export function tokenUuid(text: string): string {
  const hash = createHash('sha1').update(TOKEN_NAMESPACE).update(text).digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** An id for a new disk. libvirt keeps aliases that start with `ua-`, and a new disk never gets the id of an old one. */
export const newDiskId = (): DiskId => diskId(`ua-disk-${randomBytes(4).toString('hex')}`);

/** An address for a new nic, from the range that QEMU and KVM use. */
export const newMacAddress = (): string =>
  ['52', '54', '00', ...[...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, '0'))].join(':');

/** Equal for equal specs, whatever the order of their members. */
export const specHash = (spec: MachineSpec): string => createHash('sha256').update(canonical(spec)).digest('hex');

/** JSON with sorted members. Secrets show as `[secret]` and do not count. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === 'bigint') return `${inner}n`;
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
