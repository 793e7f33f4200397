import { DriverError, type Secret } from '@virt-drivers/core';
import { mapNativeError, type ErrorTable } from '@virt-drivers/core/kit';
import { isLibvirtError, type LibvirtError, type LibvirtErrorCode } from '@virt-drivers/libvirt';

/** What a call to libvirt is about, for its error. */
export interface About {
  /** Subject of the error's sentence, for example `Machine 6d… ` */
  readonly what: string;
  readonly subject?: string;
  /** The call only reads, so that nothing has changed however it ends. */
  readonly reads?: boolean;
  readonly secrets?: readonly Secret[];
  /** What codes mean here, where that is not what they mean for machines. */
  readonly means?: ErrorTable;
}

/** libvirt's codes in the contract. https://libvirt.org/html/libvirt-virterror.html */
const TABLE = {
  NO_DOMAIN: { code: 'MACHINE.NOT_FOUND', says: 'is not there' },
  DOM_EXIST: { code: 'MACHINE.EXISTS', says: 'is there already' },
  NO_STORAGE_POOL: { code: 'POOL.NOT_FOUND', says: 'is not there' },
  NO_STORAGE_VOL: { code: 'VOLUME.NOT_FOUND', says: 'is not there' },
  STORAGE_VOL_EXIST: { code: 'VOLUME.EXISTS', says: 'is there already' },
  NO_SECRET: { code: 'ACCESS.DENIED', says: 'needs a key that the host does not have; unlock the volume first' },
  NO_NETWORK: { code: 'NETWORK.NOT_FOUND', says: 'needs a network that is not there' },
  NO_DOMAIN_SNAPSHOT: { code: 'SNAPSHOT.NOT_FOUND', says: 'is not there' },
  NO_DOMAIN_METADATA: { code: 'MACHINE.NOT_FOUND', says: 'has no record' },
  // "Timed out during operation: cannot acquire state change lock": somebody else's job holds the domain.
  OPERATION_TIMEOUT: { code: 'MACHINE.BUSY', says: 'is being worked on by somebody else; try again later' },
  RESOURCE_BUSY: { code: 'MACHINE.BUSY', says: 'is in use by somebody else; try again later' },
  BLOCK_COPY_ACTIVE: { code: 'MACHINE.BUSY', says: 'has a disk that is being copied; wait for its end' },
  OPERATION_INVALID: { code: 'MACHINE.WRONG_STATE', says: 'is not in a state in which this can be done' },
  SNAPSHOT_REVERT_RISKY: {
    code: 'MACHINE.WRONG_STATE',
    says: 'cannot be reverted without losing its present state; stop it first',
  },
  AGENT_UNRESPONSIVE: { code: 'GUEST.UNAVAILABLE', says: 'has no agent that answers; it may still be starting' },
  AGENT_UNSYNCED: { code: 'GUEST.UNAVAILABLE', says: 'has an agent that is not in step yet; try again' },
  MIGRATE_UNSAFE: { code: 'MIGRATION.INCOMPATIBLE', says: 'cannot be migrated safely' },
  AUTH_FAILED: {
    code: 'ACCESS.UNAUTHENTICATED',
    says: 'does not accept who we are; check credentials and the polkit rules',
  },
  AUTH_CANCELLED: { code: 'ACCESS.UNAUTHENTICATED', says: 'was not told who we are' },
  AUTH_UNAVAILABLE: { code: 'ACCESS.UNAUTHENTICATED', says: 'offers no way to log in that this driver speaks' },
  ACCESS_DENIED: { code: 'ACCESS.DENIED', says: 'is refused by its access policy' },
  OPERATION_DENIED: { code: 'ACCESS.DENIED', says: 'refuses this on a read-only connection' },
  NO_MEMORY: { code: 'HOST.NOT_ENOUGH_RESOURCES', says: 'has no memory left' },
  NO_SUPPORT: { code: 'CAPABILITY.ABSENT', says: 'cannot do this on this endpoint' },
  OPERATION_UNSUPPORTED: { code: 'CAPABILITY.ABSENT', says: 'cannot do this on this endpoint' },
  ARGUMENT_UNSUPPORTED: { code: 'CAPABILITY.ABSENT', says: 'cannot do this on this endpoint' },
  CONFIG_UNSUPPORTED: { code: 'REQUEST.INVALID', says: 'cannot be set up like this on this host' },
  INVALID_ARG: { code: 'REQUEST.INVALID', says: 'was described in a way that the host refuses' },
  XML_ERROR: { code: 'REQUEST.INVALID', says: 'was described in a way that the host refuses' },
  XML_DETAIL: { code: 'REQUEST.INVALID', says: 'was described in a way that the host refuses' },
  OPERATION_ABORTED: { code: 'CALL.CANCELLED', says: 'was stopped by somebody else' },
  CONNECT_FAILED: { code: 'HOST.UNREACHABLE', says: 'cannot be reached' },
  NO_CONNECT: { code: 'REQUEST.INVALID', says: 'does not know this kind of endpoint; check the target' },
  CONNECTION_LOST: { code: 'HOST.CONNECTION_LOST', says: 'went away in the middle; the next call connects again' },
  PROTOCOL_VIOLATION: { code: 'HOST.FAILED', says: 'does not speak libvirt’s protocol; check the target' },
  INVALID_ARGUMENT: { code: 'REQUEST.INVALID', says: 'cannot be addressed like this' },
} as const satisfies ErrorTable & { readonly [Code in LibvirtErrorCode]?: ErrorTable[string] };

/** The system's errors that libvirt passes on as they are, by errno. */
const SYSTEM: ErrorTable = {
  1: { code: 'ACCESS.DENIED', says: 'is refused by the host’s system' },
  2: { code: 'VOLUME.NOT_FOUND', says: 'needs a file that is not there' },
  12: { code: 'HOST.NOT_ENOUGH_RESOURCES', says: 'needs more memory than the host has' },
  13: { code: 'ACCESS.DENIED', says: 'is refused by the host’s file permissions' },
  17: { code: 'VOLUME.EXISTS', says: 'is there already' },
  28: { code: 'POOL.FULL', says: 'needs more space than the pool has' },
  30: { code: 'POOL.UNAVAILABLE', says: 'is on storage that may only be read now; have it mounted for writing' },
  122: { code: 'POOL.FULL', says: 'needs more space than the quota allows' },
};

/** How programs that libvirt ran, like qemu-img, and libvirt itself tell some of them in words, without the number. */
const IN_WORDS: Readonly<Record<string, string>> = {
  'Not enough space left in storage pool': '28',
  'No space left on device': '28',
  'Read-only file system': '30',
  'Disk quota exceeded': '122',
};

function errnoOf({ code, ints, message }: LibvirtError): string {
  if (code === 'SYSTEM_ERROR') return String(ints[0] ?? '');
  if (code !== 'INTERNAL_ERROR' && code !== 'OPERATION_FAILED') return '';
  return Object.entries(IN_WORDS).find(([words]) => message.includes(words))?.[1] ?? '';
}

/** The contract's error for whatever a libvirt call rejected with. */
export function toDriverError(error: unknown, about: About): unknown {
  if (!isLibvirtError(error)) return error;
  if (error.code === 'DEADLINE_EXCEEDED' || error.code === 'CANCELLED') return interrupted(error, about);
  const errno = errnoOf(error);
  const known = Object.hasOwn(SYSTEM, errno);
  const table = { ...TABLE, ...about.means, ...(known ? { [error.code]: SYSTEM[errno] ?? 'HOST.FAILED' } : {}) };
  return mapNativeError(table, {
    code: error.code,
    message: error.message,
    what: about.what,
    cause: error,
    ...(about.subject === undefined ? {} : { subject: about.subject }),
    ...(about.secrets && { secrets: about.secrets }),
  });
}

function interrupted(error: LibvirtError, { what, subject, reads }: About): DriverError {
  const late = error.code === 'DEADLINE_EXCEEDED';
  const after = reads
    ? 'Nothing was changed.'
    : 'Whether it took effect is unknown; look at the state before calling again.';
  return new DriverError(
    late ? 'CALL.DEADLINE_EXCEEDED' : 'CALL.CANCELLED',
    `${what}: ${late ? 'the host did not answer before the deadline' : 'the call was cancelled'}. ${after}`,
    {
      stateAfter: reads ? 'unchanged' : 'unknown',
      cause: error,
      native: { code: error.code, message: error.message },
      ...(subject === undefined ? {} : { subject }),
    },
  );
}
