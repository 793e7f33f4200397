import {
  isDriverError,
  type CallOptions,
  type MachineId,
  type MachineState,
  type OpenDriver,
} from '@virt-drivers/core';

/** What came of asking a guest to stop: the state reached, or `nobody` where there is nobody who could be asked. */
export async function stopAsked(
  { power }: OpenDriver,
  id: MachineId,
  call: CallOptions,
): Promise<MachineState | 'nobody' | undefined> {
  try {
    return await power.stop?.(id, call);
  } catch (error) {
    if (isDriverError(error, 'GUEST.UNAVAILABLE')) return 'nobody';
    throw error;
  }
}
