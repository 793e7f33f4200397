import type { ErrorCodeName } from './gen/error-codes.gen.js';

/** Why this side, not the daemon, ended a call. */
export type LocalErrorCode =
  | 'CONNECT_FAILED'
  | 'CONNECTION_LOST'
  | 'DEADLINE_EXCEEDED'
  | 'CANCELLED'
  | 'PROTOCOL_VIOLATION'
  | 'INVALID_ARGUMENT';

/**
 * `ErrorCodeName` is libvirt's own code without its prefix (`NO_DOMAIN` is VIR_ERR_NO_DOMAIN);
 * `UNKNOWN` is a number that this version of the library has no name for.
 */
export type LibvirtErrorCode = ErrorCodeName | LocalErrorCode | 'UNKNOWN';

/** What the daemon said beside the message. */
export interface LibvirtErrorDetails {
  /** libvirt's number of the code; 0 when this side made the error. */
  readonly number?: number;
  /** The part of libvirt that failed (`QEMU`, `STORAGE`, …), without its VIR_FROM_ prefix. */
  readonly domain?: string;
  readonly level?: 'none' | 'warning' | 'error';
  readonly strings?: readonly string[];
  readonly ints?: readonly number[];
  readonly cause?: unknown;
}

/** The only error that this library throws or rejects with. Recognise it by `isLibvirtError` and `code`. */
export class LibvirtError extends Error {
  override readonly name = 'LibvirtError';
  readonly code: LibvirtErrorCode;
  readonly number: number;
  readonly domain: string;
  readonly level: 'none' | 'warning' | 'error';
  /** libvirt's str1 to str3: usually the parts of the message. Empty when it sent none. */
  readonly strings: readonly string[];
  /** libvirt's int1 and int2; for a SYSTEM_ERROR the first is errno. */
  readonly ints: readonly number[];

  constructor(code: LibvirtErrorCode, message: string, details: LibvirtErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.number = details.number ?? 0;
    this.domain = details.domain ?? 'CLIENT';
    this.level = details.level ?? 'error';
    this.strings = details.strings ?? [];
    this.ints = details.ints ?? [];
  }
}

/** By structure, not `instanceof`: the ESM and the CommonJS build may both be loaded in one process. */
export function isLibvirtError(error: unknown): error is LibvirtError {
  return error instanceof Error && error.name === 'LibvirtError' && 'code' in error && 'domain' in error;
}
