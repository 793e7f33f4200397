import { expect, it } from '@jest/globals';
import { machineId } from '../index.js';
import { refuseForeignUse } from './volume-use.js';

const about = { what: 'Volume data', subject: 'data' };
const other = (readOnly: boolean, shared: boolean) => ({ machine: machineId('other'), readOnly, shared });
const refusal = { code: 'VOLUME.IN_USE', subject: 'data', heldBy: 'other' };

it.each([
  { theirs: other(true, false), ours: { readOnly: true, shared: false } },
  { theirs: other(false, true), ours: { readOnly: false, shared: true } },
  { theirs: other(true, true), ours: { readOnly: false, shared: true } },
])('lets all read, and all share: %j', ({ theirs, ours }) => {
  expect(() => refuseForeignUse(about, [theirs], ours)).not.toThrow();
});

it.each([
  { theirs: other(false, false), ours: { readOnly: true, shared: true } },
  { theirs: other(true, false), ours: { readOnly: false, shared: true } },
  { theirs: other(false, true), ours: { readOnly: true, shared: false } },
])('lets nobody write below another one’s feet: %j', ({ theirs, ours }) => {
  expect(() => refuseForeignUse(about, [other(true, true), theirs], ours)).toThrow(expect.objectContaining(refusal));
});

it('lets a volume that nobody has be attached', () => {
  expect(() => refuseForeignUse(about, [], { readOnly: false, shared: false })).not.toThrow();
});
