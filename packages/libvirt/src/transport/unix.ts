import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** The daemon's socket on this machine. */
export function connectUnix(path: string): Duplex {
  return connect({ path });
}
