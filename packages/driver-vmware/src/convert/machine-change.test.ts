import { expect, test } from '@jest/globals';
import { changesBetween, learned, type KnownMachine, type WatchedValues } from './machine-change.js';

const ON: WatchedValues = { 'config.instanceUuid': 'a', 'runtime.powerState': 'poweredOn' };
const UP: WatchedValues = { 'guest.toolsRunningStatus': 'guestToolsRunning' };
const DOWN: WatchedValues = { 'guest.toolsRunningStatus': 'guestToolsNotRunning' };

/** The kinds that are told while a machine's values change one after the other. */
function told(...changes: readonly WatchedValues[]): readonly string[] {
  let before: KnownMachine | undefined;
  return changes.flatMap((change) => {
    const after = learned(before, change);
    const happened = changesBetween(before, after);
    before = after;
    return happened.map(({ kind }) => kind);
  });
}

test('Tools that come back in a machine that had power meanwhile are a reboot', () => {
  expect(told({ ...ON, ...UP }, DOWN, UP).slice(-3)).toEqual(['guest-agent', 'guest-agent', 'machine-rebooted']);
  expect(told({ ...ON, ...UP }, DOWN, UP, DOWN, UP).filter((kind) => kind === 'machine-rebooted')).toHaveLength(2);
});

test('a first boot is no reboot, and neither is one after the machine was off', () => {
  expect(told({ ...ON, ...DOWN }, UP)).toEqual(['machine-created', 'machine-state', 'guest-agent']);
  const off: WatchedValues = { 'runtime.powerState': 'poweredOff', ...DOWN };
  expect(told({ ...ON, ...UP }, off, ON, UP)).not.toContain('machine-rebooted');
  const saved: WatchedValues = { 'runtime.powerState': 'suspended' };
  expect(told({ ...ON, ...UP }, saved, { ...ON, ...DOWN }, UP)).not.toContain('machine-rebooted');
});

test('a machine that is watched while its guest is away is heard of when that is back', () => {
  expect(told({ ...ON, ...DOWN }, UP, DOWN).slice(1)).toEqual(['machine-state', 'guest-agent', 'guest-agent']);
});

test('a machine that runs when it is first seen is told of as made and running', () => {
  expect(told({ ...ON, ...UP })).toEqual(['machine-created', 'machine-state', 'guest-agent']);
  expect(told({ ...ON, 'runtime.powerState': 'poweredOff', 'config.changeVersion': '7' })).toEqual(['machine-created']);
});
