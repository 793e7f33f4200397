import type { CpuSpec, MachineSpec, MemorySpec } from '@virt-drivers/core';
import type { VirtualDeviceConfigSpec, VirtualMachineConfigSpec } from '@virt-drivers/vsphere';

/** All that a new machine's description is made of. */
export interface MachinePlan {
  readonly uuid: string;
  readonly nativeName: string;
  readonly spec: MachineSpec;
  /** `[datastore] folder/file.vmx`. */
  readonly configFile: string;
  readonly guestId: string;
  readonly hardwareVersion?: string;
  /** Clock of the host's processors, for absolute limits. */
  readonly cpuMegahertz?: number;
  readonly settings: ReadonlyMap<string, string>;
  readonly devices: readonly VirtualDeviceConfigSpec[];
}

const MEBIBYTE = 1_048_576n;
// vSphere takes memory in steps of 4 MB only.
const STEP_MEBIBYTES = 4n;

/** Memory in whole steps, rounded up. */
export function memoryMebibytes({ sizeBytes }: Pick<MemorySpec, 'sizeBytes'>): bigint {
  const step = STEP_MEBIBYTES * MEBIBYTE;
  return ((sizeBytes + step - 1n) / step) * STEP_MEBIBYTES;
}

/** The part of a description that processors are. Shares and limits of absent members are vSphere's own defaults. */
export function cpuConfig(cpu: CpuSpec, megahertz: number | undefined): VirtualMachineConfigSpec {
  const limit = cpu.limitMillicores;
  return {
    numCPUs: cpu.count,
    numCoresPerSocket: cpu.topology?.cores ?? 1,
    cpuHotAddEnabled: (cpu.maximumCount ?? cpu.count) > cpu.count,
    cpuAllocation: {
      limit: limit === undefined || megahertz === undefined ? -1n : BigInt(Math.ceil((limit * megahertz) / 1000)),
      shares:
        cpu.weight === undefined ? { shares: 0, level: 'normal' } : { shares: cpu.weight * cpu.count, level: 'custom' },
    },
  };
}

/** The part of a description that memory is. */
export const memoryConfig = (memory: MemorySpec): VirtualMachineConfigSpec => ({
  memoryMB: memoryMebibytes(memory),
  memoryHotAddEnabled: (memory.maximumBytes ?? memory.sizeBytes) > memory.sizeBytes,
});

/** vSphere's name of what will run inside, where nobody said it. */
export const guestIdOf = ({ guestFamily = 'linux' }: Pick<MachineSpec, 'guestFamily'>): string =>
  ({ linux: 'otherLinux64Guest', windows: 'windows9Server64Guest', other: 'otherGuest64' })[guestFamily];

/** The description of a new machine. */
export function machineConfig(plan: MachinePlan): VirtualMachineConfigSpec {
  const { spec } = plan;
  return {
    name: plan.nativeName,
    instanceUuid: plan.uuid,
    guestId: plan.guestId,
    ...(plan.hardwareVersion !== undefined && { version: plan.hardwareVersion }),
    ...(spec.description !== undefined && { annotation: spec.description }),
    files: { vmPathName: plan.configFile },
    ...cpuConfig(spec.cpu, plan.cpuMegahertz),
    ...memoryConfig(spec.memory),
    firmware: spec.boot.firmware === 'uefi' ? 'efi' : 'bios',
    ...(spec.boot.secureBoot && { bootOptions: { efiSecureBootEnabled: true } }),
    deviceChange: plan.devices,
    extraConfig: [...plan.settings].map(([key, value]) => ({ $type: 'OptionValue', key, value })),
  };
}
