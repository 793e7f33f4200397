import { machineId, sameVolume, type CallOptions, type VolumeId } from '@virt-drivers/core';
import type { VolumeUse } from '@virt-drivers/core/kit';
import type { AnyVirtualDevice, Reference } from '@virt-drivers/vsphere';
import { attachedIn, backingChain, type BackingFile } from './convert/backing-chain.js';
import { isDiskDevice, readDisks } from './convert/disk-device.js';
import { toState } from './convert/state.js';
import type { VmwareSession } from './session.js';

/** One machine's use of a volume. */
export interface Attachment extends VolumeUse {
  readonly ref: Reference<'VirtualMachine'>;
  /** True while the machine may write: it runs, or its memory is kept. */
  readonly active: boolean;
  /** The disk's size as the machine has it; 0 for a drive. */
  readonly sizeBytes: bigint;
  /** The key of the device. */
  readonly device: number;
  /** True when this is the machine's disk; false when its disk only continues it, as a clone does. */
  readonly own: boolean;
  /** The file that the machine writes to in the volume's stead, where snapshots made it do so. */
  readonly continuedBy?: BackingFile;
}

/** Who uses which volume of a pool, at one moment. */
export interface Attachments {
  of(volume: VolumeId): readonly Attachment[];
}

const PATHS = [
  'config.instanceUuid',
  'config.uuid',
  'config.hardware.device',
  'runtime.powerState',
  'runtime.connectionState',
] as const;

/** Reads the machines that have files on the datastores of these volumes: vSphere keeps no index of single files. */
export async function readAttachments(
  { center, inventory }: Pick<VmwareSession, 'center' | 'inventory'>,
  pools: readonly string[],
  options: CallOptions,
): Promise<Attachments> {
  const about = { what: 'Datastores', reads: true } as const;
  const stores = (await inventory.datastores(options)).filter(({ id }) => pools.includes(id));
  const users = new Map<string, Reference<'VirtualMachine'>>();
  const reading = center.stream(about, options, (vsphere, call) =>
    vsphere.properties.retrieve({ from: stores.map(({ ref }) => ref), type: 'Datastore', paths: ['vm'] }, call),
  );
  for await (const { properties } of reading)
    for (const { value } of properties.vm ?? []) users.set(value, { type: 'VirtualMachine', value });
  const locate = await inventory.locator(options);
  const found: (Attachment & { readonly volume: VolumeId })[] = [];
  const machines = center.stream(about, options, (vsphere, call) =>
    vsphere.properties.retrieve({ from: [...users.values()], type: 'VirtualMachine', paths: PATHS }, call),
  );
  for await (const { ref, properties } of machines) {
    const uuid = properties['config.instanceUuid'] ?? properties['config.uuid'];
    const powerState = properties['runtime.powerState'] ?? 'poweredOff';
    const state = toState({ powerState, connectionState: properties['runtime.connectionState'] ?? 'connected' });
    const devices = properties['config.hardware.device'] ?? [];
    if (uuid === undefined) continue;
    for (const use of usesOf(devices)) {
      for (const [index, file] of use.chain.entries()) {
        const volume = locate(file);
        const { readOnly, shared, device, sizeBytes } = use;
        const active = state !== 'stopped';
        if (volume)
          found.push({
            machine: machineId(uuid),
            ref,
            active,
            readOnly,
            shared,
            device,
            sizeBytes,
            own: index === use.attached,
            ...(index === use.attached && index > 0 && use.chain[0] && { continuedBy: use.chain[0] }),
            volume,
          });
      }
    }
  }
  return { of: (wanted) => found.filter(({ volume }) => sameVolume(volume, wanted)) };
}

const usesOf = (devices: readonly AnyVirtualDevice[]) =>
  devices.filter(isDiskDevice).map((device) => {
    const [disk] = readDisks([device], new Map(), () => undefined);
    const { readOnly = false, shared = false, sizeBytes = 0n } = disk ?? {};
    const chain = backingChain(device.backing);
    return { chain, attached: attachedIn(chain), readOnly, shared, sizeBytes, device: device.key };
  });
