import { isDriverError } from '@virt-drivers/core';
import { faultOf } from '@virt-drivers/vsphere';
import { toDriverError } from './errors.js';

const fault = (type: 'NoPermission' | 'NotAuthenticated') =>
  faultOf('PowerOnVM_Task', {
    fault: { $type: type, object: { type: 'Folder', value: 'group-d1' }, privilegeId: 'System.Read' },
    localizedMessage: 'wahrscheinlich in einer anderen Sprache',
  });

describe('faults about privileges', () => {
  it('name the privilege that an account lacks', () => {
    const error = toDriverError(fault('NoPermission'), { what: 'Machine 1', reads: false });
    expect(isDriverError(error, 'ACCESS.DENIED') && error.missingPrivilege).toBe('System.Read');
  });

  it('are none when the session is gone, whatever privilege the fault names', () => {
    const error = toDriverError(fault('NotAuthenticated'), { what: 'Machine 1', reads: false });
    expect(isDriverError(error, 'ACCESS.UNAUTHENTICATED') && error.missingPrivilege).toBeUndefined();
    expect(isDriverError(error, 'ACCESS.UNAUTHENTICATED')).toBe(true);
  });
});
