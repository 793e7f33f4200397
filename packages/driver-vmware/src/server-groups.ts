import {
  DriverError,
  isDriverError,
  machineId,
  type CallOptions,
  type Condition,
  type HostId,
  type MachineId,
} from '@virt-drivers/core';
import type { ClusterConfigInfoEx, ClusterRuleSpec, Reference } from '@virt-drivers/vsphere';
import { readExtraConfig } from './convert/extra-config.js';
import { ruleChanges, ruleName, type ServerGroup } from './convert/group-rule.js';
import { readNote } from './convert/note.js';
import type { MachineView } from './machine-views.js';
import type { Placement } from './placement.js';
import { readPlaces, type Place } from './places.js';
import type { VmwareSession } from './session.js';

const IN_CLUSTER: Condition = {
  needs: 'host-feature',
  value: 'DRS',
  reason: 'Groups are kept by the scheduler of a cluster, which an administrator switches on.',
};

/** How often the rule is compared again: other processes add machines to the group at the same time. */
const ROUNDS = 5;

/**
 * Checks that a new machine can be of this group. Errors: `CAPABILITY.CONDITION_UNMET` where nobody would keep it;
 * `REQUEST.CONFLICT` when the group has another policy.
 */
export async function refuseGroup(
  session: VmwareSession,
  group: ServerGroup,
  { scheduler }: Pick<Placement, 'scheduler'>,
  options: CallOptions,
): Promise<void> {
  if (!scheduler) throw unkept(group, 'its host is in no cluster');
  const { drsConfig } = await readCluster(session, scheduler, options);
  if (drsConfig.enabled === false) throw unkept(group, 'the scheduler of its cluster is switched off');
  for (const place of await clusters(session, options)) {
    const other = (await membersIn(session, place, group, options)).find(({ policy }) => policy !== group.policy);
    if (!other) continue;
    throw new DriverError(
      'REQUEST.CONFLICT',
      `Group ${group.name} has the policy ${other.policy}, not ${group.policy}; machine ${other.id} is in it.`,
      { subject: group.name, heldBy: other.id },
    );
  }
}

/** Makes the rules of all clusters be what their machines of this group need; one machine may be about to leave. */
export function keepGroup(
  session: VmwareSession,
  group: ServerGroup,
  options: CallOptions,
  leaving?: MachineId,
): Promise<void> {
  return session.locks.run(`group/${group.name}`, options, async () => {
    for (const place of await clusters(session, options)) await keepIn(session, place, group, leaving, options);
  });
}

/** Takes a machine that is about to go out of its group's rule. */
export async function leaveGroup(session: VmwareSession, view: MachineView, options: CallOptions): Promise<void> {
  const group = readNote(view.settings, view.machine.id)?.group;
  if (group) await keepGroup(session, group, options, view.machine.id);
}

async function keepIn(
  session: VmwareSession,
  { id, cluster }: Cluster,
  group: ServerGroup,
  leaving: MachineId | undefined,
  options: CallOptions,
): Promise<void> {
  let refused: { readonly text: string; readonly error: unknown } | undefined;
  for (let round = 0; ; round += 1) {
    const place = (await clusters(session, options)).find((one) => one.id === id);
    if (!place) return;
    const rulesSpec = await changesIn(session, place, group, leaving, options);
    if (rulesSpec.length === 0) return;
    const text = JSON.stringify(rulesSpec);
    if (refused?.text === text) throw refused.error;
    const kind = { what: `Rule "${ruleName(group)}" of cluster ${place.name}`, subject: id };
    if (round === ROUNDS) {
      // A machine that goes is taken out of all rules by the server too.
      if (leaving !== undefined) return;
      throw (
        refused?.error ?? new DriverError('REQUEST.CONFLICT', `${kind.what} is changed by others all the time.`, kind)
      );
    }
    const spec = { $type: 'ClusterConfigSpecEx', rulesSpec } as const;
    await session
      .runTask(kind, options, (vsphere, call) =>
        vsphere.invoke(cluster, 'ReconfigureComputeResource_Task', { spec, modify: true }, call),
      )
      .catch((error: unknown) => {
        // Somebody else may have made or removed the rule since it was read.
        if (!isDriverError(error, 'REQUEST.INVALID', 'REQUEST.CONFLICT', 'HOST.FAILED')) throw error;
        refused = { text, error };
      });
  }
}

async function changesIn(
  session: VmwareSession,
  place: Cluster,
  group: ServerGroup,
  leaving: MachineId | undefined,
  options: CallOptions,
): Promise<readonly ClusterRuleSpec[]> {
  const { rule = [] } = await readCluster(session, place.cluster, options);
  const members = (await membersIn(session, place, group, options)).filter((member) => member.id !== leaving);
  return ruleChanges(
    rule,
    group,
    members.map(({ ref }) => ref),
  );
}

interface Cluster {
  readonly id: HostId;
  readonly name: string;
  readonly cluster: Reference<'ClusterComputeResource'>;
  readonly hosts: ReadonlySet<string>;
  readonly datacenter: Place['datacenter'];
}

async function clusters(session: VmwareSession, options: CallOptions): Promise<readonly Cluster[]> {
  const places = await readPlaces(session, options);
  return places.flatMap(({ id, name, cluster, datacenter }) => {
    if (!cluster) return [];
    const members = places.filter(({ host, scheduler }) => host && scheduler?.value === cluster.value);
    return [{ id, name, cluster, datacenter, hosts: new Set(members.map((place) => String(place.id))) }];
  });
}

/** Errors: `HOST.NOT_FOUND`. */
async function readCluster(
  { center }: VmwareSession,
  cluster: Reference<'ClusterComputeResource'>,
  options: CallOptions,
): Promise<ClusterConfigInfoEx> {
  const subject = cluster.value;
  const about = { what: `Host ${subject}`, subject, reads: true, notFound: 'HOST.NOT_FOUND' } as const;
  const { configurationEx: found } = await center.call(about, options, (vsphere, call) =>
    vsphere.properties.get(cluster, ['configurationEx'], call),
  );
  if (found?.$type === 'ClusterConfigInfoEx') return found;
  throw new DriverError('HOST.FAILED', `Host ${subject} tells nothing of its rules.`, { subject });
}

/** A machine of a group. */
interface Member {
  readonly ref: Reference<'VirtualMachine'>;
  readonly id: MachineId;
  readonly policy: ServerGroup['policy'];
}

const PATHS = ['config.instanceUuid', 'config.extraConfig', 'config.template', 'runtime.host'] as const;

async function membersIn(
  { center }: VmwareSession,
  { hosts, datacenter }: Cluster,
  group: ServerGroup,
  options: CallOptions,
): Promise<readonly Member[]> {
  const members: Member[] = [];
  const from = datacenter.vmFolder;
  const reading = center.stream({ what: 'Machines', reads: true }, options, (vsphere, call) =>
    vsphere.properties.retrieve({ from, type: 'VirtualMachine', paths: PATHS }, call),
  );
  for await (const { ref, properties } of reading) {
    const uuid = properties['config.instanceUuid'];
    if (uuid === undefined || properties['config.template'] || !hosts.has(properties['runtime.host']?.value ?? ''))
      continue;
    const note = readNote(readExtraConfig(properties['config.extraConfig']), uuid);
    if (note?.group?.name === group.name) members.push({ ref, id: machineId(uuid), policy: note.group.policy });
  }
  return members;
}

const unkept = ({ name }: ServerGroup, why: string): DriverError =>
  new DriverError('CAPABILITY.CONDITION_UNMET', `Nobody would keep group ${name}: ${why}. ${IN_CLUSTER.reason}`, {
    subject: name,
    condition: IN_CLUSTER,
  });
