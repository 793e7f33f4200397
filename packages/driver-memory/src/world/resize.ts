import type { CpuSpec, MachineChange, MemorySpec } from '@virt-drivers/core';
import { unmet } from '../errors.js';
import { RESIZE_MAXIMUM, STOPPED } from '../limits.js';
import { findHost } from './find.js';
import { checkFits } from './new-machine.js';
import type { Scene } from './scene.js';
import type { MachineEntry } from './state.js';

const maximumCpu = ({ count, maximumCount }: CpuSpec): number => maximumCount ?? count;
const maximumMemory = ({ sizeBytes, maximumBytes }: MemorySpec): bigint => maximumBytes ?? sizeBytes;

/** Processors after a change: a maximum that is not named stays, if it still can. */
function changedCpu(now: CpuSpec, wanted: CpuSpec | undefined): CpuSpec {
  if (!wanted) return now;
  const keeps = wanted.maximumCount === undefined && now.maximumCount !== undefined && now.maximumCount >= wanted.count;
  return keeps ? { ...wanted, maximumCount: now.maximumCount } : wanted;
}

function changedMemory(now: MemorySpec, wanted: MemorySpec | undefined): MemorySpec {
  if (!wanted) return now;
  const keeps =
    wanted.maximumBytes === undefined && now.maximumBytes !== undefined && now.maximumBytes >= wanted.sizeBytes;
  return keeps ? { ...wanted, maximumBytes: now.maximumBytes } : wanted;
}

/** Processors and memory as the change wants them; throws what stands in the way. */
export function resized(
  scene: Scene,
  machine: MachineEntry,
  change: MachineChange,
): Pick<MachineEntry, 'cpu' | 'memory'> {
  const cpu = changedCpu(machine.cpu, change.cpu);
  const memory = changedMemory(machine.memory, change.memory);
  checkFits({ cpu, memory }, findHost(scene, machine.host));
  if (machine.state === 'stopped') return { cpu, memory };
  if (machine.state === 'saved') throw unmet(`Machine ${machine.id}, which is saved,`, STOPPED);
  const cpuFits =
    cpu.count >= machine.cpu.count &&
    cpu.count <= maximumCpu(machine.cpu) &&
    maximumCpu(cpu) <= maximumCpu(machine.cpu);
  const memoryFits =
    memory.sizeBytes >= machine.memory.sizeBytes &&
    memory.sizeBytes <= maximumMemory(machine.memory) &&
    maximumMemory(memory) <= maximumMemory(machine.memory);
  if (!cpuFits || !memoryFits) throw unmet(`Machine ${machine.id}, which is ${machine.state},`, RESIZE_MAXIMUM);
  return {
    cpu: { ...cpu, ...(machine.cpu.maximumCount !== undefined && { maximumCount: machine.cpu.maximumCount }) },
    memory: {
      ...memory,
      ...(machine.memory.maximumBytes !== undefined && { maximumBytes: machine.memory.maximumBytes }),
    },
  };
}
