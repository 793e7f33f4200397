import { DriverError, type Condition } from '@virt-drivers/core';
import type { CallOptions } from '@virt-drivers/core';
import { folderOf, parsePath } from '../convert/datastore-path.js';
import { toOptionValues } from '../convert/extra-config.js';
import { remoteKey, remoteSetting, type RemoteNote } from '../convert/remote-note.js';
import { busOf, planKnown } from '../disk-planning.js';
import { fileName, keepsObjects } from '../inventory.js';
import type { MachineView } from '../machine-views.js';
import { reconfigure } from '../reconfigure.js';
import type { VmwareSession } from '../session.js';
import type { OpenedVolume, RemoteSpec, Visit } from './door.js';
import { attachObject } from './pool-object.js';

/** Gives the machine the disk, and its note the name by which the disk is known: both by one change, or none. */
export async function addDevice(
  session: VmwareSession,
  note: RemoteNote,
  opened: OpenedVolume,
  { machine, spec, options }: Visit,
): Promise<void> {
  const view = await session.machines.view(machine, options);
  if (opened.object) {
    // The server's catalogue does this by a call of its own: the note is first.
    await reconfigure(session, view, { extraConfig: toOptionValues([remoteSetting(note)]) }, options);
    return attachObject(session, view, opened.object, spec, options);
  }
  const file = opened.raw ? await mappingFile(session, view, note, options) : opened.file;
  const { raw, sizeBytes } = opened;
  if (raw) refuseAsRaw(spec, raw.mode);
  const plan = planKnown(machine, view.devices, spec, { sizeBytes, ...(file && { file }), ...(raw && { raw }) });
  const extraConfig = toOptionValues([...plan.settings, remoteSetting(note)]);
  await reconfigure(session, view, { deviceChange: plan.changes, extraConfig }, options);
}

const ON_SCSI: Condition = {
  needs: 'bus',
  value: 'paravirtual, scsi',
  reason: 'Units of storage systems are mapped to SCSI disks only.',
};
const BY_MODE: Condition = {
  needs: 'host-feature',
  value: 'virtual compatibility mode',
  reason: 'A unit in physical compatibility mode takes all that the guest writes.',
};

function refuseAsRaw(spec: RemoteSpec, mode: 'virtual' | 'physical'): void {
  const bus = busOf(spec);
  if (spec.device === 'media' || (bus !== 'paravirtual' && bus !== 'scsi')) throw unmet(ON_SCSI);
  if (spec.readOnly && mode === 'physical') throw unmet(BY_MODE);
}

const unmet = (condition: Condition): DriverError =>
  new DriverError('CAPABILITY.CONDITION_UNMET', `The remote volume cannot be attached like this. ${condition.reason}`, {
    condition,
  });

const MAPPED: Condition = {
  needs: 'pool-kind',
  value: 'VMFS',
  reason: 'The file that maps a unit lies beside the machine, and only VMFS can hold it.',
};

/** Where the mapping goes: beside the machine's own files. */
async function mappingFile(
  { inventory }: VmwareSession,
  { configFile, machine }: MachineView,
  { identity }: RemoteNote,
  options: CallOptions,
): Promise<{ readonly fileName: string }> {
  const home = parsePath(configFile);
  const store = home && (await inventory.datastores(options)).find(({ name }) => name === home.datastore);
  if (store && (keepsObjects(store) || /^NFS/.test(store.type)))
    throw new DriverError('CAPABILITY.CONDITION_UNMET', `Machine ${machine.id} is on ${store.type}. ${MAPPED.reason}`, {
      subject: machine.id,
      condition: MAPPED,
    });
  const name = `${remoteKey(identity).split('.').at(-1) ?? ''}-mapping.vmdk`;
  const path = `${folderOf(home?.path ?? '')}/${name}`;
  return { fileName: store ? fileName(store, path) : `[${home?.datastore ?? ''}] ${path}` };
}
