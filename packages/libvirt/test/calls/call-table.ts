import { expect } from '@jest/globals';
import { isLibvirtError, type Connection, type Domain } from '../../src/index.js';

/** What the calls of a table work on. */
export interface CallContext {
  readonly connection: Connection;
  /** A running domain. */
  readonly domain: Domain;
  /** A directory that the daemon may write to. */
  readonly directory: string;
}

/** Calls in the order in which they are made: later ones see what earlier ones did. */
export type CallTable = readonly (readonly [name: string, call: (context: CallContext) => Promise<unknown>])[];

/** Expects the daemon's refusal with one of these codes. */
export async function refused(call: Promise<unknown>, ...codes: string[]): Promise<void> {
  const outcome = await call.then(
    () => 'success',
    (error: { code?: string }) => error.code ?? String(error),
  );
  expect(codes).toContain(outcome);
}

/**
 * Expects that the driver itself has answered, whether it can do this here or not: the arguments were understood
 * (what it cannot decode, a daemon answers with an RPC error) and so was the reply.
 */
export async function answered(call: Promise<unknown>): Promise<void> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) return;
  if (!isLibvirtError(error) || error.domain === 'CLIENT' || error.code === 'RPC') throw error;
}
