import { isDriverError } from '@virt-drivers/core';
import { amendError } from '@virt-drivers/core/kit';

/** For what follows a change: a failure to read it does not mean that nothing was changed. */
export async function afterChange<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (isDriverError(error) && error.stateAfter === 'unchanged') throw amendError(error, { stateAfter: 'unknown' });
    throw error;
  }
}
