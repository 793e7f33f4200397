import { connect, type Socket, type SocketConnectOpts } from 'node:net';
import type { Transport } from './transport.js';

/** Enough for hundreds of small replies in one read, and what a unix socket holds. */
const RECEIVE_BUFFER = 256 * 1024;

/** A socket that reads into one buffer for its whole life: on small messages, half the cost of a new one for each read. */
export function connectSocket(target: SocketConnectOpts): Transport & { readonly stream: Socket } {
  let receiver: (chunk: Buffer) => void = () => undefined;
  const buffer = Buffer.allocUnsafeSlow(RECEIVE_BUFFER);
  const callback = (bytes: number): boolean => {
    receiver(buffer.subarray(0, bytes));
    return true;
  };
  const stream = connect({ ...target, onread: { buffer, callback } });
  return { stream, receive: (handler) => void (receiver = handler) };
}
