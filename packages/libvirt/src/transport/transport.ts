import type { Duplex } from 'node:stream';

/** An open byte stream to a daemon, whatever carries it. */
export interface Transport {
  readonly stream: Duplex;
  /** Hands every chunk to `handler`, which must not keep it: the buffer may be used again. Called once. */
  receive(handler: (chunk: Buffer) => void): void;
}

/** A transport over any stream. */
export function transportOver(stream: Duplex): Transport {
  return { stream, receive: (handler) => void stream.on('data', handler) };
}
