import { diskId, type DiskId, type MachineSpec } from '@virt-drivers/core';
import { canonicalDigest, nameUuid } from '@virt-drivers/core/kit';
import { randomBytes } from 'node:crypto';

/** Namespace of the names that come from client tokens; any fixed UUID serves. */
const TOKEN_NAMESPACE = '5b0f3cf0-c27c-4c1f-9d0e-5a3d1e6b7a42';

/**
 * Native name of a machine. The same for the same token: libvirt refuses a second domain of one name, so that of several
 * processes that create with one token only one succeeds. (A second definition with one uuid replaces the first.)
 */
export const domainName = (uuid: string, clientToken: string | undefined): string =>
  `vd-${clientToken === undefined ? uuid : tokenUuid(clientToken)}`;

/** A uuid made of a text, the same for the same one. */
export const tokenUuid = (text: string): string => nameUuid(TOKEN_NAMESPACE, text);

/** An id for a new disk. libvirt keeps aliases that start with `ua-`, and a new disk never gets the id of an old one. */
export const newDiskId = (): DiskId => diskId(`ua-disk-${randomBytes(4).toString('hex')}`);

/** An address for a new nic, from the range that QEMU and KVM use. */
export const newMacAddress = (): string =>
  ['52', '54', '00', ...[...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, '0'))].join(':');

/** Equal for equal specs, whatever the order of their members. */
export const specHash = (spec: MachineSpec): string => canonicalDigest(spec);
