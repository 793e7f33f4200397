import { describe, expect, it } from '@jest/globals';
import { fromDomainEvent, fromPoolEvent } from './event.js';

const domain = { name: 'vd-x', uuid: 'uuid-1', id: 1 };
const machine = 'uuid-1';
const lifecycle = (event: number, detail: number) => fromDomainEvent({ kind: 'lifecycle', domain, event, detail });

describe('events', () => {
  it.each([
    [0, 0, { kind: 'machine-created', machine }],
    [0, 1, { kind: 'machine-updated', machine }],
    [1, 0, { kind: 'machine-deleted', machine }],
    [1, 1, undefined],
    [2, 0, { kind: 'machine-state', machine, state: 'running', reason: 'requested' }],
    [3, 2, { kind: 'machine-state', machine, state: 'paused', reason: 'io-error' }],
    [5, 0, { kind: 'machine-state', machine, state: 'stopped', reason: 'guest' }],
    [5, 1, { kind: 'machine-state', machine, state: 'stopped', reason: 'requested' }],
    [5, 4, { kind: 'machine-state', machine, state: 'saved', reason: 'requested' }],
    [5, 5, { kind: 'machine-state', machine, state: 'failed', reason: 'crashed' }],
    [6, 0, undefined],
    [99, 0, undefined],
  ])('lifecycle %i, detail %i', (event, detail, expected) => expect(lifecycle(event, detail)).toEqual(expected));

  it('name the disks of ours only', () => {
    expect(fromDomainEvent({ kind: 'deviceRemoved', domain, devAlias: 'ua-disk-1' })).toEqual({
      kind: 'disk-detached',
      machine,
      disk: 'ua-disk-1',
    });
    expect(fromDomainEvent({ kind: 'deviceRemoved', domain, devAlias: 'net0' })).toBeUndefined();
  });

  it('tell of pools and agents', () => {
    expect(fromPoolEvent({ kind: 'refresh', pool: { name: 'default', uuid: 'u' } })).toEqual({
      kind: 'pool-changed',
      pool: 'default',
    });
    expect(fromDomainEvent({ kind: 'agentLifecycle', domain, state: 1, reason: 0 })).toEqual({
      kind: 'guest-agent',
      machine,
      connected: true,
    });
  });
});
