import { expect, test } from '@jest/globals';
import { DriverError } from '../errors/driver-error.js';
import { undefinedOn } from './undefined-on.js';

const gone = undefinedOn('VOLUME.NOT_FOUND', 'POOL.NOT_FOUND');

test('errors with one of the codes come to undefined', async () => {
  const missing = new DriverError('POOL.NOT_FOUND', 'Pool main is not there.', { subject: 'main' });
  await expect(Promise.reject(missing).catch(gone)).resolves.toBeUndefined();
});

test.each([
  ['another code', new DriverError('POOL.FULL', 'Pool main is full.', { subject: 'main' })],
  ['no error of a driver', new Error('broken')],
])('%s is thrown on', async (_what, error) => {
  await expect(Promise.reject(error).catch(gone)).rejects.toBe(error);
});
