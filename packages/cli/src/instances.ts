import type { Machine, OpenDriver } from '@virt-drivers/core';
import type { Compute, Gate } from '@virt-drivers/compute';

// Loaded when a command needs it: `virt --help` and the like answer without.
const load = () => import('@virt-drivers/compute');

/** The instance flows over a driver. */
export const computeOver = async (driver: OpenDriver, gate?: Gate): Promise<Compute> =>
  (await load()).createCompute(driver, gate ? { gate } : {});

/** Id of the instance that owns the machine; undefined when nobody of ours does. */
export async function instanceIdOf({ recordOwner }: Machine): Promise<string | undefined> {
  if (recordOwner === undefined) return undefined;
  const { isInstanceId } = await load();
  return isInstanceId(recordOwner) ? recordOwner : undefined;
}
