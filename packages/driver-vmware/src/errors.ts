import { DriverError, type ErrorCode, type Secret } from '@virt-drivers/core';
import { mapNativeError, type ErrorTable, type NativeMeaning } from '@virt-drivers/core/kit';
import { isFault, isVsphereError, isVsphereFault, type FaultName, type VsphereFault } from '@virt-drivers/vsphere';

/** What a call to vSphere is about, for its error. */
export interface About {
  /** Subject of the error's sentence, for example `Machine 50…`. */
  readonly what: string;
  readonly subject?: string;
  /** The call only reads, so that nothing has changed however it ends. */
  readonly reads?: boolean;
  readonly secrets?: readonly Secret[];
  /** What an object that is gone, or a name that is not there, means here. */
  readonly notFound?: ErrorCode;
  /** What an object or file that is there already means here. */
  readonly exists?: ErrorCode;
  /** What somebody else's work or use of the thing means here; default `MACHINE.BUSY`. */
  readonly busy?: ErrorCode;
  /** What faults mean here, where that is not what they mean elsewhere. */
  readonly means?: { readonly [Name in FaultName]?: NativeMeaning };
}

type Meaning = NativeMeaning | ((about: About) => NativeMeaning);
type Table = readonly (readonly [FaultName, Meaning])[];

const notFound = ({ notFound: code = 'HOST.FAILED' }: About): NativeMeaning => ({ code, says: 'is not there' });
const exists = ({ exists: code = 'HOST.FAILED' }: About): NativeMeaning => ({ code, says: 'is there already' });
const busy = ({ busy: code = 'MACHINE.BUSY' }: About): NativeMeaning => ({
  code,
  says: 'is being worked on by somebody else; try again later',
});

const absent = { code: 'CAPABILITY.ABSENT', says: 'cannot do this on this endpoint' } as const;

/**
 * Faults in the contract, each with all its descendants: what stands first wins, so children come before their parents.
 * The types and their descent: vSphere API reference, MethodFault. Texts are localized and never looked at.
 */
const TABLE: Table = [
  ['InvalidLogin', { code: 'ACCESS.UNAUTHENTICATED', says: 'does not accept the account or its password' }],
  ['NotAuthenticated', { code: 'ACCESS.UNAUTHENTICATED', says: 'does not know our session any more' }],
  ['NoPermission', { code: 'ACCESS.DENIED', says: 'is refused by the roles of this account' }],
  ['RestrictedVersion', { code: 'ACCESS.DENIED', says: 'is refused by the licence of the host' }],
  ['ManagedObjectNotFound', notFound],
  ['TaskInProgress', busy],
  ['ResourceInUse', busy],
  ['ConcurrentAccess', { code: 'MACHINE.BUSY', says: 'was changed by somebody else meanwhile; try again' }],
  ['SnapshotFault', { code: 'SNAPSHOT.BLOCKS', says: 'has snapshots that stand in the way' }],
  ['ToolsUnavailable', { code: 'GUEST.UNAVAILABLE', says: 'has no VMware Tools running that could be asked' }],
  ['GuestOperationsUnavailable', { code: 'GUEST.UNAVAILABLE', says: 'has no VMware Tools that answer' }],
  ['InvalidGuestLogin', { code: 'GUEST.REFUSED', says: 'has no such account, or another password' }],
  ['GuestOperationsFault', { code: 'GUEST.REFUSED', says: 'refused inside' }],
  ['InvalidPowerState', { code: 'MACHINE.WRONG_STATE', says: 'is not in a state in which this can be done' }],
  ['NoDiskSpace', { code: 'POOL.FULL', says: 'needs more space than the datastore has' }],
  ['FileNotFound', { code: 'VOLUME.NOT_FOUND', says: 'needs a file that is not there' }],
  ['FileAlreadyExists', exists],
  ['FileLocked', { code: 'VOLUME.IN_USE', says: 'needs a file that somebody else holds' }],
  ['FileFault', { code: 'HOST.FAILED', says: 'has a file that cannot be worked on' }],
  ['InvalidDatastorePath', { code: 'VOLUME.NOT_FOUND', says: 'has a path that no datastore has' }],
  ['InaccessibleDatastore', { code: 'POOL.UNAVAILABLE', says: 'is on a datastore that its host does not reach' }],
  ['InvalidDatastore', { code: 'POOL.UNAVAILABLE', says: 'is on a datastore that cannot be used' }],
  ['InsufficientResourcesFault', { code: 'HOST.NOT_ENOUGH_RESOURCES', says: 'needs more than the host has free' }],
  ['DuplicateName', exists],
  ['AlreadyExists', exists],
  ['OutOfBounds', { code: 'REQUEST.INVALID', says: 'was described with a number that the host does not take' }],
  ['RequestCanceled', { code: 'CALL.CANCELLED', says: 'was stopped' }],
  ['HostNotConnected', { code: 'HOST.UNREACHABLE', says: 'is on a host that vCenter does not reach' }],
  ['HostCommunication', { code: 'HOST.UNREACHABLE', says: 'is on a host that vCenter does not reach' }],
  ['InvalidHostState', { code: 'HOST.WRONG_STATE', says: 'is not in a state in which this can be done' }],
  ['MigrationFault', { code: 'MIGRATION.INCOMPATIBLE', says: 'cannot move there' }],
  ['MethodNotFound', absent],
  ['NotSupported', absent],
  ['NotImplemented', absent], // vSphere's name of a fault that servers answer with: nothing is missing here.
  ['InvalidState', { code: 'MACHINE.WRONG_STATE', says: 'is not in a state in which this can be done' }],
  ['VmConfigFault', { code: 'REQUEST.INVALID', says: 'was described in a way that the host refuses' }],
  ['InvalidArgument', { code: 'REQUEST.INVALID', says: 'was described in a way that the server refuses' }],
  ['InvalidName', { code: 'REQUEST.INVALID', says: 'has a name that the server refuses' }],
  ['NotFound', notFound],
];

const LOCAL = {
  CONNECT_FAILED: { code: 'HOST.UNREACHABLE', says: 'cannot be reached; check the target and that it runs' },
  CERTIFICATE_REFUSED: {
    code: 'HOST.UNREACHABLE',
    retryable: false,
    says: 'shows a certificate that is not trusted; give its authority (tls.ca) or its thumbprint (tls.thumbprint)',
  },
  CONNECTION_LOST: { code: 'HOST.CONNECTION_LOST', says: 'went away in the middle; the next call connects again' },
  PROTOCOL_VIOLATION: { code: 'HOST.FAILED', says: 'does not speak vSphere’s protocol; check the target' },
  HTTP_STATUS: { code: 'HOST.FAILED', says: 'refused without a reason' },
  TRANSFER_INCOMPLETE: { code: 'HOST.CONNECTION_LOST', says: 'broke off in the middle of a transfer' },
  INVALID_ARGUMENT: { code: 'REQUEST.INVALID', says: 'cannot be addressed like this' },
} as const satisfies ErrorTable;

/** The contract's error for whatever a call to vSphere rejected with. */
export function toDriverError(error: unknown, about: About): unknown {
  if (isVsphereFault(error)) return fromFault(error, about);
  if (!isVsphereError(error)) return error;
  if (error.code === 'DEADLINE_EXCEEDED' || error.code === 'CANCELLED') return interrupted(error.code, error, about);
  if (error.code === 'CLOSED')
    return new DriverError('DRIVER.CLOSED', `${about.what}: the driver was closed during the call.`, {
      cause: error,
      stateAfter: about.reads ? 'unchanged' : 'unknown',
    });
  const unsent = !error.sent && error.code === 'CONNECTION_LOST';
  return mapped(error.code, error, about, { ...LOCAL, ...(unsent && { CONNECTION_LOST: LOCAL.CONNECT_FAILED }) });
}

/** What a client makes for itself, or is given: that one of these is gone says nothing of what the call is about. */
const OWN_OBJECTS = /^(Task|PropertyCollector|PropertyFilter|ContainerView|HttpNfcLease)$/;

function fromFault(error: VsphereFault, about: About): DriverError {
  if (isFault(error, 'ManagedObjectNotFound') && OWN_OBJECTS.test(error.fault.obj.type))
    return mapped(error.faultType, error, about, {
      [error.faultType]: {
        code: 'HOST.FAILED',
        says: 'cannot be followed: the server forgot what we asked it to watch',
      },
    });
  const special = Object.entries(about.means ?? {}).find(([name]) => isFault(error, name as FaultName))?.[1];
  const row = TABLE.find(([name]) => isFault(error, name))?.[1];
  const meaning = special ?? (typeof row === 'function' ? row(about) : row);
  const made = mapped(error.faultType, error, about, meaning ? { [error.faultType]: meaning } : {});
  // NotAuthenticated descends from NoPermission, and names a privilege that nobody without a session has.
  const denied = isFault(error, 'NoPermission') && !isFault(error, 'NotAuthenticated');
  const privilege = denied ? error.fault.privilegeId : undefined;
  if (privilege === undefined) return made;
  const message = `${about.what} needs the privilege ${privilege}, which this account does not have there.`;
  const { subject, native } = made;
  return new DriverError('ACCESS.DENIED', message, {
    missingPrivilege: privilege,
    cause: error,
    ...(subject === undefined ? {} : { subject }),
    ...(native === undefined ? {} : { native }),
  });
}

function mapped(code: string, error: Error, about: About, table: ErrorTable): DriverError {
  return mapNativeError(table, {
    code,
    message: error.message,
    what: about.what,
    cause: error,
    ...(about.subject === undefined ? {} : { subject: about.subject }),
    ...(about.secrets && { secrets: about.secrets }),
  });
}

function interrupted(code: 'DEADLINE_EXCEEDED' | 'CANCELLED', cause: Error, { what, subject, reads }: About) {
  const late = code === 'DEADLINE_EXCEEDED';
  const after = reads
    ? 'Nothing was changed.'
    : 'Whether it took effect is unknown; look at the state before calling again.';
  return new DriverError(
    late ? 'CALL.DEADLINE_EXCEEDED' : 'CALL.CANCELLED',
    `${what}: ${late ? 'the server did not answer before the deadline' : 'the call was cancelled'}. ${after}`,
    { stateAfter: reads ? 'unchanged' : 'unknown', cause, ...(subject === undefined ? {} : { subject }) },
  );
}
