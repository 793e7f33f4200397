import { describe, expect, test } from '@jest/globals';
import { hostId, poolId } from '@virt-drivers/core';
import type { Datastore } from '../inventory.js';
import type { Place } from '../places.js';
import { chooseDestination, type Wish } from './destination.js';

const folder = { type: 'Folder', value: 'group-1' } as const;
const datacenter = {
  ref: { type: 'Datacenter', value: 'datacenter-1' },
  name: 'DC0',
  path: 'DC0',
  vmFolder: folder,
  hostFolder: folder,
  datastoreFolder: folder,
  datastores: [{ type: 'Datastore', value: 'datastore-1' }],
} as const;
const store: Datastore = {
  id: poolId('datastore-1'),
  ref: { type: 'Datastore', value: 'datastore-1' },
  name: 'one',
  type: 'VMFS',
  url: 'ds:///vmfs/volumes/1/',
  datacenter,
};

const host = (id: string, more: Partial<Place> = {}): Place => ({
  id: hostId(id),
  name: id,
  datacenter,
  state: 'ready',
  host: { type: 'HostSystem', value: id },
  inCluster: true,
  clusterName: 'east',
  pool: { type: 'ResourcePool', value: 'resgroup-1' },
  product: { product: 'VMware ESXi', version: '8.0.3' },
  architecture: 'x86_64',
  cpuCount: 8,
  memoryBytes: 1_000n,
  memoryUsedBytes: 0n,
  cpuUsedMegahertz: 0,
  cpuTotalMegahertz: 0,
  networks: [{ type: 'Network', value: 'network-1' }],
  datastores: [store.ref],
  machines: [],
  ...more,
});
const wish: Wish = { from: 'a', memoryBytes: 100n, datastores: [store], networks: ['network-1'] };
const chosen = (places: readonly Place[], change: Partial<Wish> = {}) =>
  chooseDestination([host('a'), ...places], { ...wish, ...change })?.id;

describe('the destination that nobody named', () => {
  test('is the freest other host', () => {
    expect(chosen([host('b', { memoryUsedBytes: 500n }), host('c', { memoryUsedBytes: 400n })])).toBe('c');
  });
  test('is in the same cluster, even when others are freer', () => {
    expect(chosen([host('b', { memoryUsedBytes: 500n }), host('c', { clusterName: 'west' })])).toBe('b');
  });
  test('is outside of the cluster when that has none left', () => {
    expect(chosen([host('b', { state: 'maintenance' }), host('c', { clusterName: 'west' })])).toBe('c');
  });
  test.each([
    ['is in maintenance', { state: 'maintenance' }],
    ['lacks memory', { memoryUsedBytes: 950n }],
    ['lacks a datastore', { datastores: [] }],
    ['lacks a network', { networks: [] }],
  ] satisfies [string, Partial<Place>][])('is never one that %s', (_, change) => {
    expect(chosen([host('b', change)])).toBeUndefined();
  });
  test('is no cluster as a whole, because the server asks for a host where nobody schedules', () => {
    const { host: _, ...cluster } = host('c');
    expect(chosen([cluster])).toBeUndefined();
  });
});
