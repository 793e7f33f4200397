import type { XdrReader } from '../xdr/reader.js';
import type { XdrWriter } from '../xdr/writer.js';

/** The programs that a libvirt daemon serves to its clients. */
export const REMOTE = 0x20008086;
export const QEMU = 0x20008087;

/** What a call sends and how its reply is read. */
export interface Request<T> {
  readonly program: number;
  readonly procedure: number;
  readonly write: (writer: XdrWriter) => void;
  readonly read: (reader: XdrReader) => T;
  /** Work that may rightly take minutes: only a deadline given by the caller ends the wait. */
  readonly long?: boolean;
  /** For a stream to the daemon: blocks of zeros are sent as holes. */
  readonly sparse?: boolean;
  /** Undoes on the daemon what the call did, when its reply comes after the caller has given up. */
  readonly late?: ((serial: number, reader: XdrReader) => void) | undefined;
  /** Runs when the call has its serial, before it can be answered. */
  readonly sent?: ((serial: number) => void) | undefined;
  /** Runs before anything that follows the reply on the wire is read. */
  readonly accepted?: ((result: T, serial: number) => void) | undefined;
}

export function writeNothing(): void {
  // A call without arguments has an empty body.
}

export function readNothing(): void {
  // A reply without results has an empty body.
}
