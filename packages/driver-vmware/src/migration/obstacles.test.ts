import { expect, test } from '@jest/globals';
import { obstacleCode, obstaclesIn } from './obstacles.js';

test.each([
  ['CpuIncompatible1ECX', 'cpu'],
  ['NetworksMayNotBeTheSame', 'network'],
  ['VMotionNotConfigured', 'network'],
  ['CannotMoveVmWithDeltaDisk', 'snapshot'],
  ['DisallowedMigrationDeviceAttached', 'device'],
  ['InsufficientHostCpuCapacityFault', 'resources'],
  ['InaccessibleDatastore', 'storage'],
  ['NoDiskSpace', 'storage'],
  ['InvalidPowerState', 'state'],
  ['SomethingOfTomorrow', 'other'],
  [undefined, 'other'],
])('%s hinders by %s', (type, code) => {
  expect(obstacleCode(type)).toBe(code);
});

test('errors are obstacles, warnings are not, and the server’s own words are not repeated', () => {
  const found = obstaclesIn('vm', [
    { error: [{ fault: { $type: 'MigrationDisabled' }, localizedMessage: 'Die Migration ist deaktiviert.' }] },
    { warning: [{ fault: { $type: 'MigrationDisabled' } }] },
  ]);
  expect(found).toEqual([
    { code: 'other', message: 'Machine vm cannot move there: the server’s check gives MigrationDisabled.' },
  ]);
});
