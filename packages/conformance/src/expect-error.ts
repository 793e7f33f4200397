import { isDriverError, type DriverError, type ErrorCode } from '@virt-drivers/core';
import { AssertionError } from 'node:assert';
import { inspect } from 'node:util';

const shown = (value: unknown): string =>
  isDriverError(value) ? `${value.code} (${value.message})` : inspect(value, { depth: 1 });

const failure = (message: string): AssertionError => new AssertionError({ message, stackStartFn: failure });

/** Waits for the rejection of a call and checks that it is an error of the contract with one of the codes. */
export async function expectError(call: Promise<unknown>, ...codes: readonly ErrorCode[]): Promise<DriverError> {
  const outcome = await call.then(
    (value) => ({ resolved: value }),
    (error: unknown) => ({ error }),
  );
  const wanted = codes.join(' or ');
  if ('resolved' in outcome) throw failure(`expected ${wanted}, but the call resolved to ${shown(outcome.resolved)}`);
  const { error } = outcome;
  if (!isDriverError(error)) throw failure(`expected a driver error ${wanted}, got ${shown(error)}`);
  if (!isDriverError(error, ...codes)) throw failure(`expected ${wanted}, got ${shown(error)}`);
  return error;
}
