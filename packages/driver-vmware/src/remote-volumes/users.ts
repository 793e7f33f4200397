import { machineId, type CallOptions, type MachineId } from '@virt-drivers/core';
import { refuseForeignUse, type VolumeUse } from '@virt-drivers/core/kit';
import { readExtraConfig } from '../convert/extra-config.js';
import { readDisks } from '../convert/disk-device.js';
import { backingsOf, readRemoteNotes, type RemoteNote } from '../convert/remote-note.js';
import type { VmwareSession } from '../session.js';

/** A disk of another machine, as far as it matters who else has it. */
interface Use {
  readonly backings: readonly string[];
  readonly readOnly: boolean;
  readonly shared: boolean;
}

/** Another machine, and what it has to do with remote volumes. */
export interface OtherMachine {
  readonly machine: MachineId;
  readonly host: string | undefined;
  readonly notes: readonly RemoteNote[];
  readonly uses: readonly Use[];
}

const PATHS = [
  'config.instanceUuid',
  'config.uuid',
  'config.hardware.device',
  'config.extraConfig',
  'runtime.host',
] as const;

/** All other machines: vSphere keeps no index of who uses a unit, so each attachment and detachment reads them once. */
export async function otherMachines(
  { center, inventory }: VmwareSession,
  self: MachineId,
  options: CallOptions,
): Promise<readonly OtherMachine[]> {
  const found: OtherMachine[] = [];
  for (const { vmFolder } of await inventory.datacenters(options)) {
    const reading = center.stream({ what: 'Machines', reads: true }, options, (vsphere, call) =>
      vsphere.properties.retrieve({ from: vmFolder, type: 'VirtualMachine', paths: PATHS }, call),
    );
    for await (const { properties } of reading) {
      const uuid = properties['config.instanceUuid'] ?? properties['config.uuid'];
      if (uuid === undefined || uuid === self) continue;
      found.push({
        machine: machineId(uuid),
        host: properties['runtime.host']?.value,
        notes: readRemoteNotes(readExtraConfig(properties['config.extraConfig']), uuid),
        uses: (properties['config.hardware.device'] ?? []).flatMap((device) => {
          const backings = backingsOf(device);
          if (backings.length === 0) return [];
          const [disk] = readDisks([device], new Map(), () => undefined);
          return [{ backings, readOnly: disk?.readOnly ?? false, shared: disk?.shared ?? false }];
        }),
      });
    }
  }
  return found;
}

/** Refuses what another machine has, unless all only read or all say that they share. Errors: `VOLUME.IN_USE`. */
export function refuseOtherUsers(
  others: readonly OtherMachine[],
  backing: string,
  identity: string,
  wanted: Omit<VolumeUse, 'machine'>,
): void {
  const same = others.flatMap(({ machine, uses }) =>
    uses
      .filter(({ backings }) => backings.includes(backing))
      .map(({ readOnly, shared }) => ({ machine, readOnly, shared })),
  );
  refuseForeignUse({ what: `Remote volume ${identity}`, subject: identity }, same, wanted);
}

/** The other remote volumes of the machine itself: they need their doors, too. */
export const ownOthers = (machine: MachineId, notes: readonly RemoteNote[], identity: string): OtherMachine => ({
  machine,
  host: undefined,
  notes: notes.filter((note) => note.identity !== identity),
  uses: [],
});

/** True when another machine needs this door on this host. */
export const isNeededOn = (others: readonly OtherMachine[], door: string, host: string): boolean =>
  others.some(({ host: at, notes }) =>
    notes.some((note) => note.door === door && (note.hosts.includes(host) || at === host)),
  );
