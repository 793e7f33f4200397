import type { Condition } from '@virt-drivers/core';

/** Why volumes of some datastores are continued by none. */
export const AS_FILES: Condition = {
  needs: 'pool-kind',
  value: 'directory',
  reason: 'vSAN and virtual volumes keep disks as objects, whose bytes are no file that could be written or read.',
};
