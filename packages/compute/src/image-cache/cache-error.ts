import { DriverError } from '@virt-drivers/core';
import { systemCode } from '../system-error.js';

/** What a system error means to whoever uses the cache in this directory; other errors stay as they are. */
export function cacheError(error: unknown, directory: string): unknown {
  const about = { subject: directory, cause: error };
  switch (systemCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new DriverError(
        'POOL.FULL',
        `Image cache ${directory} is full; make room there, or use another directory.`,
        about,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new DriverError(
        'ACCESS.DENIED',
        `Image cache ${directory} cannot be written; give this user write permission, or use another directory.`,
        {
          ...about,
          missingPrivilege: 'write permission on the directory',
        },
      );
    case 'ENOTDIR':
    case 'EEXIST':
      return new DriverError(
        'REQUEST.INVALID',
        `Image cache ${directory} cannot be a directory: there is a file in its way.`,
        about,
      );
    default:
      return error;
  }
}
