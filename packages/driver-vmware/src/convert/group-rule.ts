import type { AnyClusterRuleInfo, ClusterRuleSpec, Reference } from '@virt-drivers/vsphere';

/** How the machines of a group are kept. The soft ones are wishes, the others must be kept. */
export const GROUP_POLICIES = ['affinity', 'anti-affinity', 'soft-affinity', 'soft-anti-affinity'] as const;

/** Machines that are kept on one host, or on different ones. */
export interface ServerGroup {
  readonly name: string;
  readonly policy: (typeof GROUP_POLICIES)[number];
}

type Member = Reference<'VirtualMachine'>;

/** A cluster refuses rules about fewer machines. */
const FEWEST = 2;

/** What a group's rule is called in its cluster: names of rules are unique there, and ours are told apart by it. */
export const ruleName = ({ name }: Pick<ServerGroup, 'name'>): string => `virt-drivers: ${name}`;

/** What to change in a cluster's rules so that they keep this group, whose machines there are `members`. */
export function ruleChanges(
  rules: readonly AnyClusterRuleInfo[],
  group: ServerGroup,
  members: readonly Member[],
): readonly ClusterRuleSpec[] {
  const rule = rules.find(({ name }) => name === ruleName(group));
  const removal = rule?.key === undefined ? [] : [{ ...CHANGE, operation: 'remove', removeKey: rule.key } as const];
  if (members.length < FEWEST) return removal;
  const $type = typeOf(group);
  if (!rule || rule.$type !== $type) {
    const mandatory = !group.policy.startsWith('soft-');
    const info = { name: ruleName(group), enabled: true, mandatory, vm: members };
    return [...removal, { ...CHANGE, operation: 'add', info: { $type, ...info } }];
  }
  if (sameMembers(rule.vm, members)) return [];
  // Whether it is enabled, and must be kept, is left as an administrator may have set it.
  const { key, name, enabled, mandatory } = rule;
  return [{ ...CHANGE, operation: 'edit', info: { $type, key, name, enabled, mandatory, vm: members } }];
}

const CHANGE = { $type: 'ClusterRuleSpec' } as const;

type RuleType = 'ClusterAffinityRuleSpec' | 'ClusterAntiAffinityRuleSpec';

const typeOf = ({ policy }: ServerGroup): RuleType =>
  policy.endsWith('anti-affinity') ? 'ClusterAntiAffinityRuleSpec' : 'ClusterAffinityRuleSpec';

function sameMembers(has: readonly Member[], wanted: readonly Member[]): boolean {
  const ids = new Set(wanted.map(({ value }) => value));
  return has.length === wanted.length && has.every(({ value }) => ids.has(value));
}
