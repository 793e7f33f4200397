import { afterAll, expect, test } from '@jest/globals';
import {
  mebibytes,
  type Disk,
  type Machine,
  type MachineState,
  type OpenDriver,
  type Snapshot,
} from '@virt-drivers/core';
import { describeWith } from '@virt-drivers/peers/jest';
import { placeOn, plainSpec } from './lifecycle.js';
import { machinesByPython, type WitnessedMachine } from './python-witness.js';
import { witnessedCenter } from './simulated-center.js';

const POWER: { readonly [State in MachineState]?: string } = {
  running: 'poweredOn',
  stopped: 'poweredOff',
  saved: 'suspended',
};

/** What the driver says of a machine, in another client's words. */
async function described({ snapshots }: OpenDriver, machine: Machine): Promise<WitnessedMachine> {
  const tree: readonly Snapshot[] = snapshots ? await snapshots.list(machine.id).all() : [];
  const path = ({ name, parent }: Snapshot): string => {
    const above = tree.find(({ id }) => id === parent);
    return above ? `${path(above)}/${name}` : name;
  };
  return {
    name: machine.name,
    power: POWER[machine.state] ?? machine.state,
    cpus: machine.cpu.count,
    mebibytes: Number(machine.memory.sizeBytes / 1_048_576n),
    annotation: machine.description ?? '',
    disks: machine.disks
      .filter(({ device }) => device === 'disk')
      .map(({ volume, sizeBytes }) => [`[LocalDS_0] ${volume?.key}`, Number(sizeBytes)] as const),
    macs: machine.nics.map(({ macAddress }) => macAddress),
    snapshots: tree.map(path).sort(),
  };
}

for (const variant of ['current', 'debian'] as const) {
  const center = await witnessedCenter({ variant, machines: 0 });
  afterAll(() => center?.stop());

  describeWith(`a life that another client watches (${center?.peer.version ?? variant})`, center, (center) => {
    const { driver } = center;
    const { machines, volumes, disks, nics, power, suspension, snapshots } = driver;

    /** Both clients see the same machines, and the same of each. */
    async function compare(step: string): Promise<void> {
      const ours: Record<string, WitnessedMachine> = {};
      for (const machine of await machines.list().all()) ours[machine.id] = await described(driver, machine);
      const theirs = Object.entries(await machinesByPython(center)).map(([id, seen]) => {
        return [id, { ...seen, snapshots: [...seen.snapshots].sort() }] as const;
      });
      expect({ step, machines: ours }).toEqual({ step, machines: Object.fromEntries(theirs) });
    }

    test('after every step both say the same', async () => {
      const { pool, network } = await placeOn(driver);
      const volume = async (name: string) => (await volumes.create({ pool, name, sizeBytes: mebibytes(2) })).id;
      const [root, data] = [await volume('root'), await volume('data')];
      const spec = plainSpec('watched', {
        description: 'seen by two',
        disks: [{ volume: root }],
        nics: [{ network, macAddress: '00:50:56:00:00:01' }],
      });
      const { id } = await machines.create(spec);
      let disk: Disk | undefined;
      const made: Snapshot[] = [];
      const snap = async (name: string): Promise<void> => {
        if (snapshots) made.push(await snapshots.create(id, { name }));
      };
      const steps: Readonly<Record<string, () => Promise<unknown>>> = {
        made: async () => undefined,
        changed: () =>
          machines.update(id, { name: 'watched: 2', cpu: { count: 2 }, memory: { sizeBytes: mebibytes(128) } }),
        grown: () => volumes.grow(root, mebibytes(4)),
        started: () => power.start(id),
        'with another disk': async () => (disk = await disks.attach(id, { volume: data })),
        'with another nic': () => nics.attach(id, { network, macAddress: '00:50:56:00:00:02' }),
        'without it': async () => {
          for (const nic of (await machines.get(id)).nics.slice(1)) await nics.detach(id, nic.id);
        },
        saved: async () => suspension?.save?.(id),
        restored: async () => suspension?.restore?.(id),
        'with a snapshot': () => snap('first'),
        'with a second': () => snap('second'),
        reverted: async () => {
          const [first] = made;
          if (first) await snapshots?.revert?.(id, first.id);
        },
        'without snapshots': async () => {
          for (const one of [...made].reverse()) await snapshots?.delete(id, one.id);
        },
        killed: () => power.kill(id),
        'without its disk': async () => disk && disks.detach(id, disk.id),
        recorded: () => machines.writeRecord(id, { owner: 'watched', body: { by: 'two' } }, { ifRevision: null }),
        gone: () => machines.delete(id),
      };
      for (const [step, run] of Object.entries(steps)) {
        await run();
        await compare(step);
      }
      for (const left of [root, data]) await volumes.delete(left);
      expect(await machinesByPython(center)).toEqual({});
    }, 300_000);
  });
}
