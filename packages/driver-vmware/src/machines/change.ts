import {
  DriverError,
  isDriverError,
  type CallOptions,
  type Condition,
  type CpuSpec,
  type Machine,
  type MachineChange,
  type MachineId,
  type MemorySpec,
} from '@virt-drivers/core';
import { afterChange, canonicalText } from '@virt-drivers/core/kit';
import type { VirtualMachineConfigSpec } from '@virt-drivers/vsphere';
import { toOptionValues } from '../convert/extra-config.js';
import { cpuConfig, memoryConfig } from '../convert/machine-spec.js';
import { nativeName } from '../convert/native-name.js';
import type { Note } from '../convert/note.js';
import { aboutMachine, type MachineView } from '../machine-views.js';
import { readPlaces } from '../places.js';
import type { VmwareSession } from '../session.js';
import { noteOf, noteSetting } from './settings.js';

/** Changes a machine by one reconfiguration: all of it, or nothing. */
export async function changeMachine(
  session: VmwareSession,
  id: MachineId,
  change: MachineChange,
  options: CallOptions,
): Promise<Machine> {
  return session.locks.run(id, options, async () => {
    const view = await session.machines.view(id, options);
    if (view.machine.state !== 'stopped') refuseCold(view.machine, change);
    const apply = async (taken: boolean): Promise<void> => {
      const spec = await changeConfig(session, view, change, taken, options);
      if (Object.keys(spec).length === 0) return;
      const kind = { ...aboutMachine(id), exists: 'MACHINE.EXISTS' } as const;
      await session.runTask(kind, options, (vsphere, call) =>
        vsphere.invoke(view.ref, 'ReconfigVM_Task', { spec: { ...spec, changeVersion: view.changeVersion } }, call),
      );
    };
    await apply(false).catch((error: unknown) => {
      // Another machine in the folder has the name.
      if (isDriverError(error, 'MACHINE.EXISTS') && change.name !== undefined) return apply(true);
      throw error;
    });
    return (await afterChange(session.machines.view(id, options))).machine;
  });
}

async function changeConfig(
  session: VmwareSession,
  view: MachineView,
  { name: newName, description, cpu, memory }: MachineChange,
  taken: boolean,
  options: CallOptions,
): Promise<VirtualMachineConfigSpec> {
  const { machine, name } = view;
  const renamed = newName !== undefined && newName !== machine.name;
  const otherCpu = cpu && !sameCpu(machine.cpu, cpu) ? cpu : undefined;
  const otherMemory = memory && !sameMemory(machine.memory, memory) ? memory : undefined;
  const native = renamed ? nativeName(newName, machine.id, taken) : name;
  const note =
    renamed || otherCpu || otherMemory
      ? noteAfter(noteOf(view), native, { renamed: newName, cpu: otherCpu, memory: otherMemory })
      : undefined;
  const megahertz = otherCpu?.limitMillicores === undefined ? undefined : await clockOf(session, machine, options);
  return {
    ...(renamed && { name: native }),
    ...(description !== undefined && description !== (machine.description ?? '') && { annotation: description }),
    ...(otherCpu && cpuConfig(otherCpu, megahertz)),
    ...(otherMemory && memoryConfig(otherMemory)),
    ...(note && { extraConfig: toOptionValues([noteSetting(note)]) }),
  };
}

async function clockOf(session: VmwareSession, { host }: Machine, options: CallOptions): Promise<number | undefined> {
  return (await readPlaces(session, options)).find(({ id }) => id === host)?.cpuMegahertz;
}

function noteAfter(
  { maximumCpus, limitMillicores, maximumMemory, ...rest }: Note,
  native: string,
  {
    renamed,
    cpu,
    memory,
  }: {
    readonly renamed: string | undefined;
    readonly cpu: CpuSpec | undefined;
    readonly memory: MemorySpec | undefined;
  },
): Note {
  const cpus = cpu ? cpu.maximumCount : maximumCpus;
  const limit = cpu ? cpu.limitMillicores : limitMillicores;
  const most = memory ? memory.maximumBytes?.toString() : maximumMemory;
  return {
    ...rest,
    ...(renamed !== undefined && { name: renamed, nativeName: native }),
    ...(cpus !== undefined && { maximumCpus: cpus }),
    ...(limit !== undefined && { limitMillicores: limit }),
    ...(most !== undefined && { maximumMemory: most }),
  };
}

const fullCpu = (cpu: CpuSpec) => ({
  ...cpu,
  topology: cpu.topology ?? { sockets: cpu.count, cores: 1, threads: 1 },
  maximumCount: cpu.maximumCount ?? cpu.count,
});
const sameCpu = (a: CpuSpec, b: CpuSpec): boolean => canonicalText(fullCpu(a)) === canonicalText(fullCpu(b));
const sameMemory = (a: MemorySpec, b: MemorySpec): boolean =>
  a.sizeBytes === b.sizeBytes && (a.maximumBytes ?? a.sizeBytes) === (b.maximumBytes ?? b.sizeBytes);

const STOPPED: Condition = {
  needs: 'machine-stopped',
  reason: 'A running machine gets processors and memory only up to the maximum that it was made with.',
};

/** While it runs a machine only grows, and only as far as hot add was switched on when it was stopped. */
function refuseCold({ id, cpu: is, memory: has }: Machine, { cpu, memory }: MachineChange): void {
  if (cpu && !sameCpu(is, cpu)) {
    const most = is.maximumCount ?? is.count;
    const sameElse =
      canonicalText({ ...fullCpu(cpu), count: 0, topology: 0, maximumCount: cpu.maximumCount ?? most }) ===
      canonicalText({ ...fullCpu(is), count: 0, topology: 0, maximumCount: most });
    if (
      !sameElse ||
      cpu.count < is.count ||
      cpu.count > most ||
      (cpu.topology && cpu.topology.cores !== (is.topology?.cores ?? 1))
    )
      throw unmet(id, 'processors');
  }
  if (memory && !sameMemory(has, memory)) {
    const most = has.maximumBytes ?? has.sizeBytes;
    if ((memory.maximumBytes ?? most) !== most || memory.sizeBytes < has.sizeBytes || memory.sizeBytes > most)
      throw unmet(id, 'memory');
  }
}

const unmet = (id: string, what: string): DriverError =>
  new DriverError(
    'CAPABILITY.CONDITION_UNMET',
    `Machine ${id} is not stopped, and this change of its ${what} needs that. Stop it first.`,
    { subject: id, condition: STOPPED },
  );
