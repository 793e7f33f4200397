import { DriverError, isDriverError, type ErrorCode } from '@virt-drivers/core';
import { amendError } from '@virt-drivers/core/kit';

/**
 * What QEMU's drivers say of other systems, which libvirt passes on inside an internal error. In this order: the text of
 * a refused login also says that connecting failed.
 */
const SAID: readonly (readonly [RegExp, ErrorCode, string])[] = [
  [
    /Authentication failure|Authorization failure|error connecting: (Permission denied|Operation not permitted)|server requires TLS|(NFS3?|MNT3)ERR_(ACCES|PERM)/i,
    'ACCESS.DENIED',
    'does not let this host in; check the account, its password and what the system allows',
  ],
  [
    /LOGICAL_UNIT_NOT_SUPPORTED|Requested export not available|error reading header from|(NFS3?|MNT3)ERR_NOENT|error opening (image|pool)/i,
    'VOLUME.NOT_FOUND',
    'is not there; ask the owner of that system',
  ],
  [
    /Failed to connect|encountered connection failure|iSCSI login failure|iscsi_service|Target not found|Connection (refused|reset|timed out)|No route to host|Failed to read initial magic|error connecting|Network is unreachable|Failed to mount|mount_cb|nfs_service|Could not resolve|address resolution/i,
    'POOL.UNAVAILABLE',
    'cannot be reached from the host; check the address, the network and the other system',
  ],
];

/** The contract's error for a call that made QEMU speak to another system; other errors pass unchanged. */
export function toRemoteError(error: unknown, what: string): unknown {
  if (!isDriverError(error, 'HOST.FAILED')) return error;
  const text = error.native?.message ?? error.message;
  const known = SAID.find(([pattern]) => pattern.test(text));
  if (!known) return amendError(error, { stateAfter: 'unchanged' });
  const [, code, says] = known;
  return new DriverError(code, `${what} ${says}.`, {
    cause: error,
    ...(error.native && { native: error.native }),
  });
}
