import { describe, expect, test } from '@jest/globals';
import type { DiskRecord } from '../instance/disk-record.js';
import { diskMoves } from './layout.js';

// Lower case: the instance's own. Upper case: volumes that somebody attached.
const disksOf = (letters: string): readonly DiskRecord[] =>
  [...letters].map((name) => ({
    role: name === name.toUpperCase() ? 'attached' : 'ephemeral',
    owned: name !== name.toUpperCase(),
    pool: 'main',
    volumeName: name,
    origin: { kind: 'blank' },
    sizeBytes: '1048576',
    format: 'qcow2',
  }));
const lettersOf = (disks: readonly DiskRecord[]): string => disks.map(({ volumeName }) => volumeName).join('');

describe('disk moves', () => {
  test.each([
    ['nothing to do', 'abX', 'abX', '', ''],
    ['a volume goes off', 'aXb', 'ab', 'X', ''],
    ['a volume comes', 'ab', 'aXb', '', 'X'],
    ['a volume takes the place of another', 'aXb', 'aYb', 'X', 'Y'],
    ['one of several goes off', 'aXYb', 'aYb', 'X', ''],
    ['an own disk goes, and all behind it', 'abXc', 'aXc', 'bXc', 'Xc'],
    ['an own disk comes at the end', 'aX', 'aXb', '', 'b'],
    ['an own disk takes the place of the first', 'abX', 'cbX', 'abX', 'cbX'],
    ['an own disk and a volume come at once', 'ab', 'acXb', 'b', 'cXb'],
    ['volumes that stay keep their order', 'aXY', 'aYX', 'XY', 'YX'],
  ])('%s', (_what, have, wanted, off, on) => {
    const moves = diskMoves(disksOf(have), disksOf(wanted));
    expect([lettersOf(moves.off), lettersOf(moves.on)]).toEqual([off, on]);
  });
});
