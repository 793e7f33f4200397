import { bytes, type CpuSpec, type Machine, type MemorySpec } from '@virt-drivers/core';
import type { MachineShape } from '../instance/change-record.js';

/** Processors and memory of a machine, for a record. */
export function shapeOf({ cpu, memory }: Pick<Machine, 'cpu' | 'memory'>): MachineShape {
  const { sizeBytes, maximumBytes } = memory;
  return {
    cpu,
    memory: { sizeBytes: String(sizeBytes), ...(maximumBytes !== undefined && { maximumBytes: String(maximumBytes) }) },
  };
}

/** Reads {@link shapeOf} back. */
export function fromShape({ cpu, memory }: MachineShape): { readonly cpu: CpuSpec; readonly memory: MemorySpec } {
  const { topology, maximumCount, weight, limitMillicores } = cpu;
  const { sizeBytes, maximumBytes } = memory;
  return {
    cpu: {
      count: cpu.count,
      ...(topology && { topology }),
      ...(maximumCount !== undefined && { maximumCount }),
      ...(weight !== undefined && { weight }),
      ...(limitMillicores !== undefined && { limitMillicores }),
    },
    memory: {
      sizeBytes: bytes(BigInt(sizeBytes)),
      ...(maximumBytes !== undefined && { maximumBytes: bytes(BigInt(maximumBytes)) }),
    },
  };
}

/** True when both have the same processors and memory, whatever else is known of them. */
export const sameShape = (a: MachineShape, b: MachineShape): boolean =>
  a.cpu.count === b.cpu.count &&
  (a.cpu.maximumCount ?? a.cpu.count) === (b.cpu.maximumCount ?? b.cpu.count) &&
  a.memory.sizeBytes === b.memory.sizeBytes &&
  (a.memory.maximumBytes ?? a.memory.sizeBytes) === (b.memory.maximumBytes ?? b.memory.sizeBytes);
