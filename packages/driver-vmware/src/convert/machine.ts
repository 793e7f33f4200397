import {
  bytes,
  hostId,
  machineId,
  type BootSpec,
  type CpuSpec,
  type Machine,
  type MachineBusy,
  type MemorySpec,
} from '@virt-drivers/core';
import type { VirtualMachineConfigInfo, VirtualMachineRuntimeInfo } from '@virt-drivers/vsphere';
import type { Locate } from './backing-chain.js';
import { readDisks } from './disk-device.js';
import { readExtraConfig } from './extra-config.js';
import { unescapeName } from './native-name.js';
import { readNics, type OpaqueNetworks } from './nic-device.js';
import { readNote, type Note } from './note.js';
import { ownerIn } from './record-text.js';
import { nativeState, toState } from './state.js';

/** The part of a machine's configuration that is read to describe it. */
export type NativeConfig = Pick<
  VirtualMachineConfigInfo,
  | 'instanceUuid'
  | 'uuid'
  | 'annotation'
  | 'createDate'
  | 'hardware'
  | 'cpuAllocation'
  | 'extraConfig'
  | 'firmware'
  | 'bootOptions'
>;

/** What is read of a machine to describe it. */
export interface NativeMachine {
  readonly name: string;
  readonly config: NativeConfig;
  readonly runtime: Pick<VirtualMachineRuntimeInfo, 'powerState' | 'connectionState' | 'host'>;
}

/** What the machine's own properties do not say. */
export interface MachineSurroundings {
  readonly locate: Locate;
  readonly opaque?: OpaqueNetworks;
  readonly busy?: MachineBusy;
}

const MEBIBYTE = 1_048_576n;

/** The contract's machine. */
export function toMachine({ name, config, runtime }: NativeMachine, around: MachineSurroundings): Machine {
  const uuid = config.instanceUuid ?? config.uuid;
  const settings = readExtraConfig(config.extraConfig);
  const note = readNote(settings, uuid);
  const devices = config.hardware.device ?? [];
  const owner = ownerIn(settings, uuid);
  const createdAt = note?.createdAt ?? config.createDate;
  return {
    id: machineId(uuid),
    name: note?.nativeName === name ? note.name : unescapeName(name),
    ...(config.annotation ? { description: config.annotation } : {}),
    state: toState(runtime),
    ...(around.busy && { busy: around.busy }),
    host: hostId(note?.cluster ?? runtime.host?.value ?? 'unknown'),
    cpu: readCpu(config, note),
    memory: readMemory(config, note),
    boot: readBoot(config, note),
    disks: readDisks(devices, settings, around.locate),
    nics: readNics(devices, around.opaque),
    ...(owner !== undefined && { recordOwner: owner }),
    ...(createdAt !== undefined && { createdAt: new Date(createdAt) }),
    native: nativeState(runtime),
  };
}

function readCpu({ hardware, cpuAllocation }: NativeConfig, note: Note | undefined): CpuSpec {
  const count = hardware.numCPU;
  const cores = hardware.numCoresPerSocket ?? 1;
  const shares = cpuAllocation?.shares;
  return {
    count,
    ...(cores > 0 && count % cores === 0 && { topology: { sockets: count / cores, cores, threads: 1 } }),
    ...(note?.maximumCpus !== undefined && note.maximumCpus !== count && { maximumCount: note.maximumCpus }),
    ...(shares?.level === 'custom' && { weight: Math.max(1, Math.round(shares.shares / count)) }),
    ...(note?.limitMillicores !== undefined && { limitMillicores: note.limitMillicores }),
  };
}

function readMemory({ hardware }: NativeConfig, note: Note | undefined): MemorySpec {
  const sizeBytes = bytes(BigInt(hardware.memoryMB) * MEBIBYTE);
  const most = note?.maximumMemory === undefined ? sizeBytes : bytes(BigInt(note.maximumMemory));
  return { sizeBytes, ...(most > sizeBytes && { maximumBytes: most }) };
}

function readBoot({ firmware, bootOptions }: NativeConfig, note: Note | undefined): BootSpec {
  const uefi = firmware === 'efi';
  return {
    firmware: uefi ? 'uefi' : 'bios',
    ...(uefi && bootOptions?.efiSecureBootEnabled && { secureBoot: true }),
    ...(note?.bootOrder && { order: note.bootOrder }),
  };
}
