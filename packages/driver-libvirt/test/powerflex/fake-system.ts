import { runCommand } from '@virt-drivers/peers';
import { randomBytes } from 'node:crypto';
import { mkdir, open, rm, symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';

/** What the management refuses a request with. */
export class Refusal extends Error {
  constructor(
    readonly errorCode: number,
    message: string,
    readonly status = 500,
  ) {
    super(message);
  }
}

/** A volume as the management keeps it. */
export interface KeptVolume {
  readonly id: string;
  name: string;
  sizeInKb: number;
  readonly volumeType: 'ThinProvisioned' | 'ThickProvisioned' | 'Snapshot';
  ancestorVolumeId: string | null;
  readonly storagePoolId: string;
  readonly vtreeId: string;
  readonly mapped: Set<string>;
}

export interface FakeLimits {
  /** Volumes that one client may have mapped. */
  readonly volumesPerClient?: number;
  /** Snapshots of one tree of volumes; 126 as in the product when left out. */
  readonly snapshotsPerTree?: number;
  readonly capacityInKb?: number;
  readonly zeroPadding?: boolean;
}

const GRANULARITY_KB = 8 * 1024 * 1024;
const newId = (): string => randomBytes(8).toString('hex');

/**
 * The state behind a gateway, with the management's rules. Volumes are sparse files; on the host of `here` a mapped one
 * has a link in the directory of devices, a moment after the mapping as with the real data client.
 */
export class FakeSystem {
  readonly id = newId();
  readonly domain = { id: newId(), name: 'domain1' };
  readonly pool;
  readonly here = { id: newId(), guid: 'AB2C9D30-3F4B-4E55-9A4C-0C6F9B1D7E21', name: 'here', ip: '10.0.0.1' };
  readonly elsewhere = { id: newId(), guid: '0D5E7A11-8C1E-4B7B-9C55-5B2D5A6A7C99', name: 'elsewhere', ip: '10.0.0.2' };
  readonly volumes = new Map<string, KeptVolume>();
  /** How long a device takes to appear; `Infinity` for a data client that is not there. */
  deviceDelay = 50;
  connected = true;
  readonly #limits: Required<FakeLimits>;
  readonly #appearing = new Map<string, NodeJS.Timeout>();

  private constructor(
    readonly devices: string,
    private readonly store: string,
    limits: FakeLimits,
  ) {
    this.#limits = {
      volumesPerClient: 8192,
      snapshotsPerTree: 126,
      capacityInKb: 100 * GRANULARITY_KB,
      zeroPadding: true,
      ...limits,
    };
    this.pool = { id: newId(), name: 'pool1', zeroPaddingEnabled: this.#limits.zeroPadding };
  }

  /** A system with one pool and two clients, whose files are below the directory. */
  static async make(directory: string, limits: FakeLimits = {}): Promise<FakeSystem> {
    const [devices, store] = [join(directory, 'devices'), join(directory, 'store')];
    for (const each of [devices, store]) await mkdir(each, { recursive: true });
    return new FakeSystem(devices, store, limits);
  }

  stop(): void {
    for (const timer of this.#appearing.values()) clearTimeout(timer);
  }

  volume(id: string): KeptVolume {
    const found = this.volumes.get(id);
    if (!found) throw new Refusal(79, 'Could not find the volume');
    return found;
  }

  statistics() {
    const { capacityInKb } = this.#limits;
    return { maxCapacityInKb: capacityInKb, capacityAvailableForVolumeAllocationInKb: capacityInKb - this.#taken() };
  }

  async create(name: string, sizeInKb: number, volumeType: KeptVolume['volumeType']): Promise<KeptVolume> {
    this.#checkName(name);
    if (sizeInKb <= 0 || sizeInKb % GRANULARITY_KB !== 0)
      throw new Refusal(0, 'The volume size must be a multiple of 8 GB', 400);
    if (sizeInKb > this.statistics().capacityAvailableForVolumeAllocationInKb)
      throw new Refusal(132, 'Requested volume size exceeds the volume allocation limit');
    const volume = this.#keep(name, sizeInKb, volumeType, null, newId());
    const file = await open(this.#file(volume.id), 'wx', 0o666);
    await file.truncate(sizeInKb * 1024).finally(() => file.close());
    return volume;
  }

  async snapshot(volumeId: string, name: string): Promise<KeptVolume> {
    const origin = this.volume(volumeId);
    this.#checkName(name);
    const tree = [...this.volumes.values()].filter(({ vtreeId }) => vtreeId === origin.vtreeId);
    if (tree.length > this.#limits.snapshotsPerTree) throw new Refusal(182, 'Too many snapshots in the VTree');
    const volume = this.#keep(name, origin.sizeInKb, 'Snapshot', origin.id, origin.vtreeId);
    await runCommand('cp', ['--sparse=always', '--reflink=auto', this.#file(origin.id), this.#file(volume.id)]);
    return volume;
  }

  rename(id: string, name: string): void {
    const volume = this.volume(id);
    this.#checkName(name);
    volume.name = name;
  }

  async resize(id: string, sizeInGb: number): Promise<void> {
    const volume = this.volume(id);
    const sizeInKb = sizeInGb * 1024 * 1024;
    if (sizeInKb % GRANULARITY_KB !== 0) throw new Refusal(0, 'The volume size must be a multiple of 8 GB', 400);
    if (sizeInKb <= volume.sizeInKb) throw new Refusal(133, 'Volume capacity can only be increased');
    const more = sizeInKb - volume.sizeInKb;
    if (more > this.statistics().capacityAvailableForVolumeAllocationInKb)
      throw new Refusal(132, 'Requested volume size exceeds the volume allocation limit');
    await truncate(this.#file(id), sizeInKb * 1024);
    volume.sizeInKb = sizeInKb;
  }

  map(id: string, client: string, several: boolean): void {
    const volume = this.volume(id);
    this.#checkClient(client);
    if (volume.mapped.has(client)) throw new Refusal(81, 'The volume is already mapped to this SDC');
    if (volume.mapped.size > 0 && !several)
      throw new Refusal(306, 'The volume is mapped to another SDC, and multiple mappings are not allowed');
    const all = [...this.volumes.values()].filter(({ mapped }) => mapped.has(client)).length;
    if (all >= this.#limits.volumesPerClient) throw new Refusal(174, 'The SDC has reached its limit of mapped volumes');
    volume.mapped.add(client);
    if (client === this.here.id) this.#appear(id);
  }

  async unmap(id: string, client: string): Promise<void> {
    const volume = this.volume(id);
    this.#checkClient(client);
    if (!volume.mapped.delete(client)) throw new Refusal(84, 'The volume is not mapped to this SDC');
    clearTimeout(this.#appearing.get(id));
    if (client === this.here.id) await rm(this.device(id), { force: true });
  }

  async remove(id: string): Promise<void> {
    const volume = this.volume(id);
    if (volume.mapped.size > 0) throw new Refusal(104, 'The volume is mapped to an SDC');
    this.volumes.delete(id);
    // What continues it continues its ancestor from now on.
    for (const other of this.volumes.values())
      if (other.ancestorVolumeId === id) other.ancestorVolumeId = volume.ancestorVolumeId;
    await rm(this.#file(id), { force: true });
  }

  /** Where the host finds the volume. */
  device(id: string): string {
    return join(this.devices, `emc-vol-${this.id}-${id}`);
  }

  #keep(
    name: string,
    sizeInKb: number,
    volumeType: KeptVolume['volumeType'],
    ancestorVolumeId: string | null,
    vtreeId: string,
  ): KeptVolume {
    const storagePoolId = this.pool.id;
    const mapped = new Set<string>();
    const volume = { id: newId(), name, sizeInKb, volumeType, ancestorVolumeId, storagePoolId, vtreeId, mapped };
    this.volumes.set(volume.id, volume);
    return volume;
  }

  #file(id: string): string {
    return join(this.store, id);
  }

  #taken(): number {
    return [...this.volumes.values()].reduce((sum, { sizeInKb }) => sum + sizeInKb, 0);
  }

  #checkName(name: string): void {
    if (!/^[\x21-\x7e]{1,31}$/.test(name))
      throw new Refusal(0, 'A name has up to 31 printable characters without spaces', 400);
    if ([...this.volumes.values()].some((volume) => volume.name === name))
      throw new Refusal(6, 'Volume name already in use. Please use a different name.');
  }

  #checkClient(id: string): void {
    if (id !== this.here.id && id !== this.elsewhere.id) throw new Refusal(66, 'Could not find the SDC');
  }

  #appear(id: string): void {
    if (this.deviceDelay === Infinity) return;
    const timer = setTimeout(() => {
      symlink(this.#file(id), this.device(id)).catch(() => undefined);
    }, this.deviceDelay);
    this.#appearing.set(id, timer);
  }
}
