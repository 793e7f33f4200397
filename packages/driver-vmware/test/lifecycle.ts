import {
  mebibytes,
  type Disk,
  type Machine,
  type MachineSpec,
  type NetworkId,
  type OpenDriver,
  type PoolId,
  type VolumeId,
} from '@virt-drivers/core';

/** Where tests make things. */
export interface Place {
  readonly pool: PoolId;
  readonly network: NetworkId;
}

/** The only datastore, and the first network of the first host. */
export async function placeOn({ volumes, hosts }: OpenDriver): Promise<Place> {
  const [pool] = await volumes.pools().all();
  const [host] = await hosts.list().all();
  const { networks } = host ? await hosts.inventory(host.id) : { networks: [] };
  const [network] = networks;
  if (!pool || !network) throw new Error('The simulator has neither a pool nor a network.');
  return { pool: pool.id, network: network.id };
}

/** A machine as most tests need it. */
export const plainSpec = (name: string, more: Partial<MachineSpec> = {}): MachineSpec => ({
  name,
  cpu: { count: 1 },
  memory: { sizeBytes: mebibytes(64) },
  boot: { firmware: 'bios' },
  disks: [],
  nics: [],
  ...more,
});

/** One step of a life: may be repeated until it succeeds, with the same outcome. */
export interface LifeStep {
  readonly name: string;
  run(): Promise<void>;
}

/** A machine's life, from its volumes to the last of them; `key` makes its names its own. */
export function lifeOf(driver: OpenDriver, { pool, network }: Place, key: string): readonly LifeStep[] {
  const volume = (part: string): VolumeId => ({ pool, key: `virt-drivers/${key}-${part}/${key}-${part}.vmdk` });
  // What a caller knows of the machine, from the answer to the call before.
  let machine: Machine | undefined;
  const known = (): Machine => {
    if (machine) return machine;
    throw new Error('The machine was not made.');
  };
  const makeVolume = async (part: string): Promise<void> => {
    const found = await driver.volumes.find({ pool, name: `${key}-${part}` });
    if (!found) await driver.volumes.create({ pool, name: `${key}-${part}`, sizeBytes: mebibytes(2) });
  };
  const diskOn = (part: string): Disk['id'][] =>
    known().disks.flatMap((disk) => (disk.volume?.key === volume(part).key ? [disk.id] : []));
  const spec = plainSpec(`${key} machine`, {
    clientToken: key,
    disks: [{ volume: volume('root') }],
    nics: [{ network }],
    boot: { firmware: 'bios', order: ['network', 'disk'] },
    record: { owner: `owner-${key}`, body: { key } },
  });
  return [
    { name: 'make the first volume', run: () => makeVolume('root') },
    { name: 'make the second volume', run: () => makeVolume('data') },
    {
      name: 'make the machine',
      run: async () => {
        machine = await driver.machines.create(spec);
      },
    },
    { name: 'start it', run: () => driver.power.start(known().id) },
    {
      name: 'attach the second volume',
      run: async () => {
        const disk = await driver.disks.attach(known().id, { volume: volume('data') });
        machine = { ...known(), disks: [...known().disks, disk] };
      },
    },
    {
      name: 'write the record',
      run: async () => {
        const record = await driver.machines.record(known().id);
        const body = { key, written: true };
        if (JSON.stringify(record?.body) === JSON.stringify(body)) return;
        const next = { owner: `owner-${key}`, body };
        await driver.machines.writeRecord(known().id, next, { ifRevision: record?.revision ?? null });
      },
    },
    {
      name: 'detach the second volume',
      run: async () => {
        for (const disk of diskOn('data')) await driver.disks.detach(known().id, disk);
      },
    },
    {
      name: 'delete the machine and its volume',
      run: () => driver.machines.delete(known().id, { kill: true, withVolumesOf: diskOn('root') }),
    },
    { name: 'delete the second volume', run: () => driver.volumes.delete(volume('data')) },
  ];
}
