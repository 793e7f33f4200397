import type { MachineSpec } from '@virt-drivers/core';
import { canonicalDigest, nameUuid } from '@virt-drivers/core/kit';

/** Namespace of the uuids that are made of tokens and owners; any fixed one serves. */
const NAMESPACE = '8c2f6de4-1b7a-4f0e-9b53-c6a7d2e01f48';

/** The machine that a client token makes: whoever repeats the call finds it by vSphere's index. */
export const tokenUuid = (clientToken: string): string => nameUuid(NAMESPACE, `token:${clientToken}`);

/** The machine that the first create with a record of this owner makes. */
export const ownerUuid = (owner: string): string => nameUuid(NAMESPACE, `owner:${owner}`);

/** True for an id as vSphere writes uuids; nothing else can be one of its machines. */
export const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

/** Equal for equal specs, whatever the order of their members. */
export const specHash = (spec: MachineSpec): string => canonicalDigest(spec);
