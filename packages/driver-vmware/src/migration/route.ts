import { DriverError, type CallOptions, type DiskId, type MigrationPlan, type PoolId } from '@virt-drivers/core';
import type {
  VirtualDeviceConfigSpec,
  VirtualMachineRelocateSpec,
  VirtualMachineRelocateSpecDiskLocator,
} from '@virt-drivers/vsphere';
import { parsePath } from '../convert/datastore-path.js';
import { diskIdOf, isDiskDevice } from '../convert/disk-device.js';
import { isNicDevice, nicBacking, nicIdOf } from '../convert/nic-device.js';
import type { Datastore } from '../inventory.js';
import type { MachineView } from '../machine-views.js';
import { findNetwork } from '../networks.js';
import { findFolder, findPool } from '../placement.js';
import { readPlaces, type Place } from '../places.js';
import type { VmwareSession } from '../session.js';
import { findDestination, reaches } from './destination.js';
import type { Room } from './room.js';

/** Where a machine goes, and what is asked of the server for it. */
export interface Route {
  readonly place: Place;
  readonly spec: VirtualMachineRelocateSpec;
  /** Bytes that disks bring to other pools. */
  readonly room: Room;
  readonly copiedBytes: bigint;
  /** Datastores and networks that the machine has afterwards. */
  readonly stores: readonly Datastore[];
  readonly networks: readonly string[];
}

/** The parts of a plan that decide the route. */
export type Wanted = Pick<MigrationPlan, 'host' | 'disks' | 'nics'>;

/** Plans a move. Errors: `POOL.NOT_FOUND`, `NETWORK.NOT_FOUND`, `DISK.NOT_FOUND`, `NIC.NOT_FOUND`, and those of `findDestination`. */
export async function planRoute(
  session: VmwareSession,
  view: MachineView,
  wanted: Wanted,
  options: CallOptions,
): Promise<Route> {
  const stores = await targetStores(session, view, wanted, options);
  const deviceChange = await nicChanges(session, view, wanted, options);
  const home = await homeOf(session, view, options);
  const from = await nativeHost(session, view, options);
  const datastores = [...new Set([...stores.values()].map(({ store }) => store))];
  const networks = networksAfter(view, wanted);
  const memoryBytes = view.machine.memory.sizeBytes;
  const place = await findDestination(session, { host: wanted.host, from, memoryBytes, datastores, networks }, options);
  const moved = [...stores.values()].filter(({ moves }) => moves);
  const newHome = home && reaches(place, { datastores: [home], networks: [] }) ? undefined : firstStore(stores, place);
  if (!newHome && !home) throw noHome(place);
  const locators = moved.length > 0 || newHome ? locatorsOf(stores) : [];
  return {
    place,
    stores: datastores,
    networks,
    room: roomFor(moved),
    copiedBytes: moved.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0n),
    spec: {
      ...(place.host && { host: place.host }),
      ...(await poolOf(session, from, place, options)),
      ...(newHome && { datastore: newHome.ref }),
      ...(locators.length > 0 && { disk: locators }),
      ...(deviceChange.length > 0 && { deviceChange }),
    },
  };
}

interface Target {
  readonly key: number;
  readonly store: Datastore;
  readonly moves: boolean;
  readonly sizeBytes: bigint;
}

async function targetStores(
  { inventory }: VmwareSession,
  { machine, devices }: MachineView,
  { disks = [] }: Wanted,
  options: CallOptions,
): Promise<ReadonlyMap<DiskId, Target>> {
  for (const { disk } of disks)
    if (!machine.disks.some(({ id }) => id === disk))
      throw new DriverError('DISK.NOT_FOUND', `Machine ${machine.id} has no disk ${disk}.`, { subject: disk });
  const targets = new Map<DiskId, Target>();
  for (const device of devices.filter(isDiskDevice)) {
    const id = diskIdOf(device);
    const pool = disks.find(({ disk }) => disk === id)?.pool;
    const now = machine.disks.find((disk) => disk.id === id)?.volume?.pool;
    if (pool !== undefined) await inventory.datastore(pool, options);
    const wanted = pool ?? now;
    if (device.$type !== 'VirtualDisk' || wanted === undefined) continue;
    const store = await inventory.datastore(wanted, options);
    const sizeBytes = device.capacityInBytes ?? device.capacityInKB * 1024n;
    targets.set(id, { key: device.key, store, moves: wanted !== now, sizeBytes });
  }
  return targets;
}

function roomFor(moved: readonly Target[]): Room {
  const room = new Map<PoolId, bigint>();
  for (const { store, sizeBytes } of moved) room.set(store.id, (room.get(store.id) ?? 0n) + sizeBytes);
  return room;
}

const locatorsOf = (stores: ReadonlyMap<DiskId, Target>): readonly VirtualMachineRelocateSpecDiskLocator[] =>
  // Disks that are not named would follow the machine's own files.
  [...stores.values()].map(({ key, store }) => ({
    diskId: key,
    datastore: store.ref,
    diskMoveType: 'moveAllDiskBackingsAndDisallowSharing',
  }));

async function nicChanges(
  { center }: VmwareSession,
  { machine, devices }: MachineView,
  { nics = [] }: Wanted,
  options: CallOptions,
): Promise<readonly VirtualDeviceConfigSpec[]> {
  const changes: VirtualDeviceConfigSpec[] = [];
  for (const { nic, network } of nics) {
    const device = devices.filter(isNicDevice).find((one) => nicIdOf(one) === nic);
    if (!device) throw new DriverError('NIC.NOT_FOUND', `Machine ${machine.id} has no nic ${nic}.`, { subject: nic });
    const backing = nicBacking(await findNetwork(center, network, options));
    changes.push({ operation: 'edit', device: { ...device, backing } });
  }
  return changes;
}

const networksAfter = ({ machine }: MachineView, { nics = [] }: Wanted): readonly string[] =>
  machine.nics.map(({ id, network }) => nics.find(({ nic }) => nic === id)?.network ?? network);

/** The datastore of the machine's own files; undefined when it is no pool here. */
async function homeOf({ inventory }: VmwareSession, { configFile }: MachineView, options: CallOptions) {
  const name = parsePath(configFile)?.datastore;
  return (await inventory.datastores(options)).find((store) => store.name === name);
}

const firstStore = (stores: ReadonlyMap<DiskId, Target>, place: Place): Datastore | undefined =>
  [...stores.values()].map(({ store }) => store).find((store) => reaches(place, { datastores: [store], networks: [] }));

const noHome = ({ name, id }: Place): DriverError =>
  new DriverError(
    'MIGRATION.INCOMPATIBLE',
    `Host ${name} does not reach the datastore of the machine's own files; name a pool for one of its disks.`,
    { subject: id },
  );

/** The host that it is on, also for a machine whose cluster counts as its host. */
async function nativeHost({ center }: VmwareSession, { ref, machine }: MachineView, options: CallOptions) {
  const about = { what: `Machine ${machine.id}`, subject: machine.id, reads: true };
  const { 'runtime.host': host } = await center.call(about, options, (vsphere, call) =>
    vsphere.properties.get(ref, ['runtime.host'], call),
  );
  return host?.value ?? machine.host;
}

/** A machine keeps its resource pool within a cluster, and its folder within a datacenter. */
async function poolOf(session: VmwareSession, from: string, place: Place, options: CallOptions) {
  const now = (await readPlaces(session, options)).find(({ id }) => id === from);
  if (now?.pool.value === place.pool.value) return {};
  const pool = await findPool(session, place.pool, options);
  if (now?.datacenter.ref.value === place.datacenter.ref.value) return { pool };
  return { pool, folder: await findFolder(session, place.datacenter, options) };
}
