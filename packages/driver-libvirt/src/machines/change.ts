import {
  DriverError,
  type CallOptions,
  type Condition,
  type CpuSpec,
  type Machine,
  type MachineChange,
  type MachineId,
  type MemorySpec,
} from '@virt-drivers/core';
import { afterChange, canonicalText, withUndo } from '@virt-drivers/core/kit';
import {
  DomainDeviceModifyFlags,
  DomainMetadataType,
  domainSetMemoryFlags,
  domainSetVcpusFlags,
  type Domain,
} from '@virt-drivers/libvirt';
import { cputuneTree, kibibytes, memoryTrees, topologyTree, vcpuTree } from '../convert/cpu-memory-xml.js';
import { append, child, children, remove, replace, tree, type Element, type Tree } from '../convert/xml.js';
import { editStored } from '../domain-editing.js';
import { aboutMachine, type DomainView } from '../domains.js';
import type { LibvirtSession } from '../session.js';
import { setMetadata } from './record.js';

const STOPPED: Condition = {
  needs: 'machine-stopped',
  reason: 'A running machine gets processors and memory only up to the maximum that it was started with.',
};
const LIVE_AND_STORED = DomainDeviceModifyFlags.Live | DomainDeviceModifyFlags.Config;

/** Changes a machine: at once what a running one can take, in its stored document what a stopped one shall be. */
export async function changeMachine(
  session: LibvirtSession,
  id: MachineId,
  change: MachineChange,
  options: CallOptions,
): Promise<Machine> {
  return session.locks.run(id, options, async () => {
    const view = await session.domains.view(id, options);
    const runs = view.machine.state === 'running' || view.machine.state === 'paused';
    if (runs) await changeRunning(session, view, change, options);
    else await changeStopped(session, view, change, options);
    return (await afterChange(session.domains.view(id, options))).machine;
  });
}

async function changeRunning(
  session: LibvirtSession,
  { domain, machine }: DomainView,
  change: MachineChange,
  options: CallOptions,
): Promise<void> {
  const { cpu, memory } = change;
  if (cpu) refuseColdCpu(machine.id, machine.cpu, cpu);
  if (memory) refuseColdMemory(machine.id, machine.memory, memory);
  const moreCpu = cpu && cpu.count !== machine.cpu.count ? cpu : undefined;
  const otherMemory = memory && memory.sizeBytes !== machine.memory.sizeBytes ? memory : undefined;
  refuseAbsent(session, machine.id, moreCpu !== undefined || otherMemory !== undefined);
  await withUndo(async (undo) => {
    for (const [type, now, before] of texts(machine, change)) {
      undo.push(`text of machine ${machine.id}`, (own) =>
        setMetadata(session.daemon, domain, type, before || undefined, own),
      );
      await setMetadata(session.daemon, domain, type, now || undefined, options);
    }
    if (otherMemory) {
      const set = (size: bigint, call: CallOptions): Promise<void> => setMemory(session, domain, size, call);
      undo.push(`memory of machine ${machine.id}`, (own) => set(machine.memory.sizeBytes, own));
      await set(otherMemory.sizeBytes, options);
    }
    if (moreCpu) {
      await session.daemon.call(aboutMachine(domain.uuid), options, (connection, call) =>
        domainSetVcpusFlags(connection, domain, moreCpu.count, LIVE_AND_STORED, call),
      );
    }
  });
}

const setMemory = ({ daemon }: LibvirtSession, domain: Domain, size: bigint, options: CallOptions): Promise<void> =>
  daemon.call(aboutMachine(domain.uuid), options, (connection, call) =>
    domainSetMemoryFlags(connection, domain, kibibytes(size), LIVE_AND_STORED, call),
  );

function* texts(
  machine: Machine,
  { name, description }: MachineChange,
): Generator<readonly [number, string, string | undefined]> {
  if (name !== undefined && name !== machine.name) yield [DomainMetadataType.Title, name, machine.name];
  if (description !== undefined && description !== (machine.description ?? '')) {
    yield [DomainMetadataType.Description, description, machine.description];
  }
}

function refuseAbsent({ endpoint }: LibvirtSession, id: string, resizes: boolean): void {
  if (!resizes || endpoint.product !== 'TEST') return;
  throw new DriverError(
    'CAPABILITY.ABSENT',
    `Machine ${id} runs on libvirt's test driver, which resizes stopped machines only.`,
    { subject: id },
  );
}

function refuseColdCpu(id: string, is: CpuSpec, wanted: CpuSpec): void {
  const { count, ...rest } = is;
  const { count: most, ...others } = wanted;
  const same =
    canonicalText({ ...rest, maximumCount: is.maximumCount ?? count, topology: 0 }) ===
    canonicalText({ ...others, maximumCount: wanted.maximumCount ?? is.maximumCount ?? most, topology: 0 });
  if (same && most >= count && most <= (is.maximumCount ?? count)) return;
  throw unmet(id, 'processors');
}

function refuseColdMemory(id: string, is: MemorySpec, wanted: MemorySpec): void {
  const most = is.maximumBytes ?? is.sizeBytes;
  if ((wanted.maximumBytes ?? most) === most && wanted.sizeBytes <= most) return;
  throw unmet(id, 'memory');
}

const unmet = (id: string, what: string): DriverError =>
  new DriverError(
    'CAPABILITY.CONDITION_UNMET',
    `Machine ${id} runs, and this change of its ${what} needs it stopped. Stop it first.`,
    {
      subject: id,
      condition: STOPPED,
    },
  );

const changeStopped = (
  session: LibvirtSession,
  { domain }: DomainView,
  change: MachineChange,
  options: CallOptions,
): Promise<void> =>
  editStored(session, domain, options, (document) => {
    if (change.name !== undefined) put(document, 'title', tree('title', {}, change.name));
    if (change.description !== undefined) {
      put(document, 'description', change.description === '' ? undefined : tree('description', {}, change.description));
    }
    if (change.cpu) putCpu(document, change.cpu);
    if (change.memory) for (const one of memoryTrees(change.memory)) put(document, one.name, one);
  });

function putCpu(document: Element, cpu: CpuSpec): void {
  put(document, 'vcpu', vcpuTree(cpu));
  // libvirt's list of single processors repeats the numbers that were just changed.
  put(document, 'vcpus', undefined);
  put(document, 'cputune', cputuneTree(cpu));
  const model = child(document, 'cpu');
  const topology = topologyTree(cpu);
  if (model) put(model, 'topology', topology);
  else if (topology) append(document, tree('cpu', {}, topology));
}

/** Makes the child be this, whether it was there or not. */
function put(parent: Element, name: string, now: Tree | undefined): void {
  const [old] = children(parent, name);
  if (old && now) replace(old, now);
  else if (old) remove(old);
  else if (now) append(parent, now);
}
