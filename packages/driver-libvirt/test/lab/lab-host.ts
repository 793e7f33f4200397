import {
  isDriverError,
  mebibytes,
  Secret,
  type Disk,
  type DiskSpec,
  type Machine,
  type OpenDriver,
  type RemoteConnection,
  type RemoteVolumes,
} from '@virt-drivers/core';
import { runCommand, startLabMachine, type LabMachine } from '@virt-drivers/peers';
import { driver } from '../../src/index.js';
import { claimed } from '../facets/guest.js';
import { INITIATOR, startLabTarget, type LabTarget } from './lab-target.js';

/** Bytes that QEMU writes at once. */
export const BLOCK = 512;

/** What the host keeps: portals of its sessions, pools and secrets of ours. */
export interface Kept {
  readonly sessions: readonly string[];
  readonly pools: number;
  readonly secrets: number;
}
export const NOTHING: Kept = { sessions: [], pools: 0, secrets: 0 };

/** A lab machine whose own initiator the driver has log in, with a target to log in to and a running machine. */
export interface LabHost {
  readonly lab: LabMachine;
  readonly target: LabTarget;
  readonly open: OpenDriver;
  readonly facet: Required<RemoteVolumes>;
  readonly machine: Machine;
  virsh(...args: readonly string[]): Promise<string>;
  unit(lun: number, more?: object): RemoteConnection & { readonly protocol: 'iscsi' };
  newMachine(name: string): Promise<Machine>;
  /** Attaches on a bus that needs no guest to let go of a disk. */
  attach(connection: RemoteConnection, disk?: Omit<DiskSpec, 'volume'>): Promise<Disk>;
  /** The code with which an attach is refused. */
  refused(connection: RemoteConnection): Promise<string>;
  /** QEMU writes a block of this byte to a disk of the machine, as a guest would have it do. */
  write(disk: string, byte: string): Promise<string>;
  /** The host's device under the first disk of a machine. */
  device(id: string): Promise<string>;
  kept(): Promise<Kept>;
  stop(): Promise<void>;
}

/** Starts all of it, with blank disks of so many bytes, and units 1 (16 MiB), 2 (8 MiB) and 3 (16 MiB). */
export async function startLabHost(disks: readonly number[] = [8 << 20]): Promise<LabHost> {
  const lab = await startLabMachine({ disks });
  try {
    return await onLab(lab, await startLabTarget(lab));
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

async function onLab(lab: LabMachine, target: LabTarget): Promise<LabHost> {
  const { account, name, portals } = target;
  const virsh = async (...args: readonly string[]) =>
    (await runCommand('virsh', ['-q', '-c', lab.uri, ...args])).stdout;
  for (const [lun, size] of [
    [1, 16],
    [2, 8],
    [3, 16],
  ] as const)
    await target.addUnit(lun, size);
  const options = { virtType: 'qemu', connectSeconds: 120, hostInitiator: INITIATOR };
  const open = await driver.open({ target: lab.uri, options });
  const facet = claimed(open.remoteVolumes);
  const newMachine: LabHost['newMachine'] = (text) =>
    open.machines.create({
      name: text,
      cpu: { count: 1 },
      memory: { sizeBytes: mebibytes(64) },
      boot: { firmware: 'bios' },
      disks: [],
      nics: [],
    });
  const machine = await newMachine('user');
  await open.power.start(machine.id);
  const attach: LabHost['attach'] = (connection, disk = {}) =>
    facet.attach(machine.id, connection, { bus: 'scsi', ...disk });
  const kept: LabHost['kept'] = async () => ({
    sessions: await target.sessions(),
    pools: (await virsh('pool-list', '--all', '--name')).split('\n').filter((pool) => pool.startsWith('vd-')).length,
    secrets: (await virsh('secret-list')).split('\n').filter((line) => line.includes(' vd-')).length,
  });
  return {
    lab,
    target,
    open,
    facet,
    machine,
    virsh,
    newMachine,
    attach,
    kept,
    unit: (lun, more = {}) => ({
      protocol: 'iscsi',
      portals,
      target: name,
      lun,
      chap: { user: account.user, password: new Secret(account.password) },
      ...more,
    }),
    refused: (connection) =>
      attach(connection).then(
        () => 'attached',
        (error: unknown) => (isDriverError(error) ? error.code : String(error)),
      ),
    write: (disk, byte) =>
      virsh(
        ...['qemu-monitor-command', machine.id, '--hmp'],
        `qemu-io -d /machine/peripheral/${disk} "write -P 0x${byte} 0 ${BLOCK}"`,
      ),
    device: async (id) => /dev='(\/dev\/[^']+)'/.exec(await virsh('dumpxml', '--inactive', id))?.[1] ?? 'none',
    async stop() {
      try {
        await open.machines.delete(machine.id, { kill: true });
        const left = await kept();
        await open.close();
        if (left.sessions.length + left.pools + left.secrets > 0)
          throw new Error(`The host still has ${JSON.stringify(left)}.`);
      } finally {
        await lab.stop();
      }
    },
  };
}

/** Waits for what the host does in its own time. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 90_000; Date.now() < end; ) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error('It has not come to hold within 90 seconds.');
}
