import { describe, expect, test } from '@jest/globals';
import type { AnyClusterRuleInfo } from '@virt-drivers/vsphere';
import { ruleChanges, type ServerGroup } from './group-rule.js';

const machine = (value: string) => ({ type: 'VirtualMachine', value }) as const;
const [a, b, c] = [machine('vm-1'), machine('vm-2'), machine('vm-3')];
const apart: ServerGroup = { name: 'web', policy: 'anti-affinity' };
const rule: AnyClusterRuleInfo = {
  $type: 'ClusterAntiAffinityRuleSpec',
  key: 7,
  name: 'virt-drivers: web',
  enabled: true,
  mandatory: true,
  vm: [a, b],
};

describe('the rule of a group', () => {
  test('begins with its second machine', () => {
    expect(ruleChanges([], apart, [a])).toEqual([]);
    expect(ruleChanges([], apart, [a, b])).toEqual([
      {
        $type: 'ClusterRuleSpec',
        operation: 'add',
        info: {
          $type: 'ClusterAntiAffinityRuleSpec',
          name: 'virt-drivers: web',
          enabled: true,
          mandatory: true,
          vm: [a, b],
        },
      },
    ]);
  });

  test.each([
    ['affinity', 'ClusterAffinityRuleSpec', true],
    ['soft-affinity', 'ClusterAffinityRuleSpec', false],
    ['soft-anti-affinity', 'ClusterAntiAffinityRuleSpec', false],
  ] as const)('%s is %s, mandatory: %s', (policy, $type, mandatory) => {
    expect(ruleChanges([], { name: 'web', policy }, [a, b])).toMatchObject([{ info: { $type, mandatory } }]);
  });

  test('stays as it is while its machines do, in whatever order', () => {
    expect(ruleChanges([rule], apart, [b, a])).toEqual([]);
  });

  test('follows its machines, and keeps what an administrator set', () => {
    expect(ruleChanges([{ ...rule, enabled: false, mandatory: false }], apart, [a, c])).toMatchObject([
      { operation: 'edit', info: { key: 7, enabled: false, mandatory: false, vm: [a, c] } },
    ]);
  });

  test('ends with its last but one machine; others stay', () => {
    const theirs = { ...rule, key: 8, name: 'web' };
    expect(ruleChanges([theirs, rule], apart, [a])).toEqual([
      { $type: 'ClusterRuleSpec', operation: 'remove', removeKey: 7 },
    ]);
    expect(ruleChanges([theirs], apart, [])).toEqual([]);
  });

  test('of another kind is replaced', () => {
    const changes = ruleChanges([rule], { name: 'web', policy: 'affinity' }, [a, b]);
    expect(changes.map(({ operation }) => operation)).toEqual(['remove', 'add']);
  });
});
