import { randomUUID } from 'node:crypto';
import { gibibytes, hostId, mebibytes, networkId, poolId, type HostDevice } from '@virt-drivers/core';
import type { HostState, PoolState, WorldState } from './state.js';

const LAN = networkId('network-lan');
const ISOLATED = networkId('network-isolated');
const FIRST = hostId('host-1');
const SECOND = hostId('host-2');

const host = (id: HostState['id'], name: string): HostState => ({
  id,
  name,
  state: 'ready',
  cpuCount: 16,
  memoryBytes: gibibytes(64),
  networks: [LAN, ISOLATED],
  boots: 1,
});

const formats = ['qcow2', 'raw', 'iso'] as const;

const pools = (): PoolState[] => [
  {
    id: poolId('pool-main'),
    name: 'main',
    kind: 'directory',
    state: 'ready',
    capacityBytes: gibibytes(1024),
    formats,
    hosts: [FIRST, SECOND],
    shared: true,
  },
  {
    id: poolId('pool-small'),
    name: 'small',
    kind: 'directory',
    state: 'ready',
    capacityBytes: mebibytes(64),
    formats,
    hosts: [FIRST],
    shared: false,
  },
];

const device = (
  id: string,
  kind: HostDevice['kind'],
  name: string,
  productId: string,
): Omit<HostDevice, 'attachedTo'> => ({
  // Ids are branded text; this is the only place that makes those of devices.
  id: id as HostDevice['id'],
  host: FIRST,
  kind,
  name,
  vendorId: '1af4',
  productId,
  numaNode: 0,
});

/** A world as it begins: two hosts, a large shared pool, a small local one, two networks, three devices. */
export const newWorldState = (eventsKept: number): WorldState => ({
  version: 1,
  endpointId: randomUUID(),
  nextId: 0,
  hosts: [host(FIRST, 'first'), host(SECOND, 'second')],
  networks: [
    { id: LAN, name: 'lan' },
    { id: ISOLATED, name: 'isolated' },
  ],
  pools: pools(),
  devices: [
    device('device-pci-1', 'pci', 'Accelerator', '1110'),
    device('device-mediated-1', 'mediated', 'Slice of a graphics card', '1111'),
    device('device-usb-1', 'usb', 'Token', '1112'),
  ],
  volumes: {},
  making: [],
  layers: {},
  machines: {},
  tokens: {},
  reservations: {},
  remoteVolumes: {},
  journal: { first: 0, capacity: eventsKept, events: [] },
  agenda: [],
});
