import { expect, it } from '@jest/globals';
import { DriverError } from '../index.js';
import { afterChange } from './after-change.js';

it('a reading that fails after a change does not say that nothing was changed', async () => {
  const lost = new DriverError('MACHINE.NOT_FOUND', 'Machine m is not there.', { stateAfter: 'unchanged' });
  await expect(afterChange(Promise.reject(lost))).rejects.toMatchObject({
    code: 'MACHINE.NOT_FOUND',
    stateAfter: 'unknown',
    cause: lost,
  });
});

it('everything else is as it was', async () => {
  const partly = new DriverError('HOST.FAILED', 'Host h failed.', { stateAfter: 'partial' });
  const foreign = new Error('of somebody else');
  await expect(afterChange(Promise.resolve(1))).resolves.toBe(1);
  await expect(afterChange(Promise.reject(partly))).rejects.toBe(partly);
  await expect(afterChange(Promise.reject(foreign))).rejects.toBe(foreign);
});
