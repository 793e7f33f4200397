import { DriverError, type NicSpec } from '@virt-drivers/core';

/** What is not claimed is refused rather than left out. */
export function refuseAbsent({ limits }: NicSpec): void {
  if (limits?.receive === undefined && limits?.send === undefined) return;
  throw new DriverError(
    'CAPABILITY.ABSENT',
    'Nics of vSphere are limited by the policy of their port group, not one by one. Leave limits out.',
  );
}
