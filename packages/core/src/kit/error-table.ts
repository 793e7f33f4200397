import type { ErrorCode, StateAfter } from '../errors/codes.js';
import { DriverError } from '../errors/driver-error.js';
import type { Secret } from '../values/secret.js';
import { redactText } from './redact.js';

/** A failure as the hypervisor told it. */
export interface NativeFailure {
  /** Native code or type: an error number, a fault's name. */
  readonly code: string;
  /** Native text as received. */
  readonly message: string;
  /** Id of the thing that the call was about. */
  readonly subject?: string;
  /** Subject of the error's sentence, for example `Machine "web"`. Default: `Host`. */
  readonly what?: string;
  /** Secrets that were part of the call; hypervisors like to repeat what they were told. */
  readonly secrets?: readonly Secret[];
  readonly cause?: unknown;
}

/** What a native code means in the contract. */
export interface NativeMeaning {
  readonly code: ErrorCode;
  /** Where this native code knows better than the contract's default. */
  readonly retryable?: boolean;
  readonly stateAfter?: StateAfter;
  /** The rest of the sentence that begins with the subject: what is wrong and what to do. */
  readonly says?: string;
}

/** Native code to meaning: one table per driver. */
export type ErrorTable = Readonly<Record<string, ErrorCode | NativeMeaning>>;

const UNKNOWN: NativeMeaning = { code: 'HOST.FAILED', says: 'failed in a way that this driver does not know' };

/** The contract's error for a native failure. A code that is not in the table gives `HOST.FAILED`. */
export function mapNativeError(table: ErrorTable, failure: NativeFailure): DriverError {
  const entry = Object.hasOwn(table, failure.code) ? table[failure.code] : undefined;
  const meaning: NativeMeaning = typeof entry === 'string' ? { code: entry } : (entry ?? UNKNOWN);
  const native = { code: failure.code, message: redactText(failure.message, failure.secrets) };
  const { retryable, stateAfter } = meaning;
  const { subject, cause } = failure;
  return new DriverError(meaning.code, sentence(meaning, failure.what ?? 'Host', native), {
    native,
    ...(retryable === undefined ? {} : { retryable }),
    ...(stateAfter === undefined ? {} : { stateAfter }),
    ...(subject === undefined ? {} : { subject }),
    ...(cause === undefined ? {} : { cause }),
  });
}

function sentence({ says, code }: NativeMeaning, what: string, native: { code: string; message: string }): string {
  const said = native.message.trim().replace(/\.$/, '');
  return `${what} ${says ?? `got ${code}`}; the host says: ${said} (${native.code}).`;
}
