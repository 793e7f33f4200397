import type { Condition } from '@virt-drivers/core';

/** Who logs in to iSCSI targets. */
export const SOFTWARE_ADAPTER: Condition = {
  needs: 'host-feature',
  value: 'software iSCSI adapter',
  reason: 'The host’s software adapter logs in; an administrator switches it on and gives it its network.',
};

/** Why disks in files keep their size. */
export const OWN_SIZE: Condition = {
  needs: 'host-feature',
  value: 'iscsi, fibreChannel',
  reason:
    'The file of a disk is its machine’s alone while it is attached: detach it, have its owner grow it, attach it again.',
};
