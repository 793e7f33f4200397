import type { ErrorTable } from '@virt-drivers/core/kit';

/** What libvirt's codes mean of a migration. The machine is where it was after each of them. */
export const MIGRATION_ERRORS: ErrorTable = {
  OPERATION_FAILED: { code: 'MIGRATION.FAILED', says: 'could not be moved and runs on where it was' },
  INTERNAL_ERROR: { code: 'MIGRATION.FAILED', says: 'could not be moved and runs on where it was' },
  SYSTEM_ERROR: { code: 'MIGRATION.FAILED', says: 'could not be moved: the hosts do not reach each other' },
  CONFIG_UNSUPPORTED: { code: 'MIGRATION.INCOMPATIBLE', says: 'cannot run like this on the destination' },
  ARGUMENT_UNSUPPORTED: { code: 'MIGRATION.INCOMPATIBLE', says: 'cannot be moved like this by these hosts' },
  OPERATION_UNSUPPORTED: { code: 'MIGRATION.INCOMPATIBLE', says: 'cannot be moved like this by these hosts' },
  MIGRATE_UNSAFE: {
    code: 'MIGRATION.INCOMPATIBLE',
    says: 'has storage that both hosts do not seem to share; name pools for its disks',
  },
  OPERATION_INVALID: {
    code: 'MACHINE.WRONG_STATE',
    says: 'cannot be moved as it is; an earlier migration may still be ending',
  },
  OPERATION_ABORTED: { code: 'CALL.CANCELLED', says: 'was not moved: the migration was cancelled' },
  NO_DOMAIN: { code: 'MACHINE.NOT_FOUND', says: 'is not there' },
};
