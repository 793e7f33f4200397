import type { MigrationObstacle, MigrationPlan } from '@virt-drivers/core';
import { readUnits, unitIdentity } from '../convert/host-unit.js';
import { ploopDisks } from '../convert/ploop.js';
import { child, children, type Element } from '../convert/xml.js';
import type { DomainView } from '../domains.js';

/** What of a machine decides whether it can leave. */
export interface Leaving {
  readonly view: Pick<DomainView, 'machine' | 'saved'>;
  readonly document: Element;
  readonly snapshots: number;
}

/** What stands in the way on the source's side. Pure. */
export function obstaclesOf(leaving: Leaving, plan: MigrationPlan): readonly MigrationObstacle[] {
  return [
    ...ofState(leaving, plan),
    ...ofSnapshots(leaving),
    ...ofDevices(leaving),
    ...ofFormats(leaving, plan),
    ...ofFirmware(leaving, plan),
    ...ofTunnel(plan),
  ];
}

/** What stands in the way of a tunnel, which both sides look for. libvirt: qemuMigrationSrcBeginPhase. Pure. */
export function ofTunnel({ machine, mode, disks = [], extensions }: MigrationPlan): readonly MigrationObstacle[] {
  if (mode === 'offline' || extensions?.libvirt?.lead !== 'tunnel' || disks.length === 0) return [];
  const text = `Machine ${machine} cannot take disks through a tunnel, which is for memory; let the source lead, or keep the disks where both hosts see them.`;
  return [{ code: 'storage', message: text }];
}

function ofState({ view: { machine } }: Leaving, { mode }: MigrationPlan): MigrationObstacle[] {
  const { id, state, busy } = machine;
  const fits = mode === 'live' ? state === 'running' || state === 'paused' : state === 'stopped' || state === 'failed';
  if (!fits) {
    const wanted = mode === 'live' ? 'running' : 'stopped';
    return [{ code: 'state', message: `Machine ${id} is ${state}; it must be ${wanted} to move ${mode}.` }];
  }
  return busy ? [{ code: 'state', message: `Machine ${id} is busy with ${busy.operation}; wait for its end.` }] : [];
}

// libvirt moves no domain whose snapshots it knows: src/qemu/qemu_migration.c qemuMigrationSrcIsAllowed
const ofSnapshots = ({ view, snapshots }: Leaving): MigrationObstacle[] =>
  snapshots === 0
    ? []
    : [
        {
          code: 'snapshot',
          message: `Machine ${view.machine.id} has ${snapshots} snapshots, which cannot move with it; delete them first.`,
        },
      ];

const ofDevices = ({ view, document }: Leaving): MigrationObstacle[] => [
  ...children(child(document, 'devices'), 'hostdev').map(() => ({
    code: 'device' as const,
    message: `Machine ${view.machine.id} has a device of its host, which stays there; detach it first.`,
  })),
  ...readUnits(document).map((unit) => ({
    code: 'storage' as const,
    message: `Machine ${view.machine.id} has ${unitIdentity(unit)} by its host's own login, which does not move; detach it first, and attach it there.`,
  })),
];

// QEMU blocks the migration of a machine that has one open, and libvirt's storage API moves none.
const ofFormats = ({ view, document }: Leaving, { mode, disks = [] }: MigrationPlan): MigrationObstacle[] =>
  mode === 'offline' && disks.length === 0
    ? []
    : ploopDisks(document).map((disk) => ({
        code: 'storage',
        message: `Disk ${disk} of machine ${view.machine.id} is in Parallels' format, which does not move so; stop the machine and copy its disks.`,
      }));

const ofFirmware = ({ view, document }: Leaving, { mode }: MigrationPlan): MigrationObstacle[] =>
  mode === 'offline' && child(document, 'os/nvram') !== undefined
    ? [
        {
          code: 'device',
          message: `Machine ${view.machine.id} keeps firmware variables in a file of its host, which moves only with a running machine; start it and move it live.`,
        },
      ]
    : [];
