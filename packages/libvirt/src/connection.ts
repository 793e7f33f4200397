import type { LibvirtError } from './libvirt-error.js';
import type { CallOptions } from './rpc/call-options.js';
import type { Request } from './rpc/request.js';
import type { RpcClient } from './rpc/rpc-client.js';

/** An open connection to one libvirt daemon: the only owner of its socket. Every call takes it first. */
export interface Connection {
  /** The URI it was opened with, without credentials. */
  readonly uri: string;
  /**
   * Resolves once, when the connection has ended: with the error that ended it, or undefined after `close`.
   * There is no silent reconnect: open a new connection.
   */
  readonly closed: Promise<LibvirtError | undefined>;
  /** Ends the connection; calls, streams and events that are still open end with a CANCELLED error. Safe to repeat. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
  /** Sends any procedure, known to this library or not: what every generated function is made of. */
  call<T>(request: Request<T>, options?: CallOptions): Promise<T>;
  /** The message layer, for streams and events. */
  readonly rpc: RpcClient;
}
