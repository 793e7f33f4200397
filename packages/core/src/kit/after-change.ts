import { isDriverError } from '../errors/driver-error.js';
import { amendError } from './amend-error.js';

/**
 * For a reading that follows a change: when it fails, the change was made all the same, so an error that says `unchanged`
 * says `unknown` instead. Errors: those of the reading.
 */
export async function afterChange<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (isDriverError(error) && error.stateAfter === 'unchanged') throw amendError(error, { stateAfter: 'unknown' });
    throw error;
  }
}
