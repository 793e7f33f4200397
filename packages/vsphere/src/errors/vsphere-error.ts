/** Why this side, not the server, ended a call. */
export type VsphereErrorCode =
  | 'CONNECT_FAILED'
  | 'CONNECTION_LOST'
  | 'CERTIFICATE_REFUSED'
  | 'DEADLINE_EXCEEDED'
  | 'CANCELLED'
  | 'CLOSED'
  | 'PROTOCOL_VIOLATION'
  | 'HTTP_STATUS'
  | 'INVALID_ARGUMENT'
  | 'TRANSFER_INCOMPLETE';

export interface VsphereErrorDetails {
  /** False when the server cannot have begun the call, so that it may be repeated whatever it does. */
  readonly sent?: boolean;
  /** The HTTP status, where the server answered with one that says nothing in SOAP. */
  readonly status?: number;
  /** The SHA-256 thumbprint that the server showed, for a `CERTIFICATE_REFUSED`. */
  readonly thumbprint?: string;
  readonly cause?: unknown;
}

/** What this library throws beside `VsphereFault`. Recognise it by `isVsphereError` and `code`. */
export class VsphereError extends Error {
  override readonly name = 'VsphereError';
  readonly code: VsphereErrorCode;
  readonly sent: boolean;
  readonly status: number | undefined;
  readonly thumbprint: string | undefined;

  constructor(code: VsphereErrorCode, message: string, details: VsphereErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.sent = details.sent ?? false;
    this.status = details.status;
    this.thumbprint = details.thumbprint;
  }
}

/** By structure, not `instanceof`: the ESM and the CommonJS build may both be loaded in one process. */
export function isVsphereError(error: unknown): error is VsphereError {
  return error instanceof Error && error.name === 'VsphereError' && 'code' in error;
}

/** An argument that cannot be sent. */
export function invalidArgument(message: string): VsphereError {
  return new VsphereError('INVALID_ARGUMENT', message);
}

/** An answer that is not what the protocol allows. */
export function protocolViolation(message: string, cause?: unknown): VsphereError {
  return new VsphereError('PROTOCOL_VIOLATION', message, { sent: true, cause });
}
