import { afterAll, afterEach, expect, test } from '@jest/globals';
import type { Host, Machine, MachineSpec } from '@virt-drivers/core';
import { describeWith } from '@virt-drivers/peers/jest';
import type { Rule } from '@virt-drivers/vcsim-proxy';
import type { VmwareMachineExtensions } from '../../src/extensions.js';
import { plainSpec } from '../lifecycle.js';
import { ownClient } from '../remote-world.js';
import { witnessedCenter } from '../simulated-center.js';

type Group = NonNullable<VmwareMachineExtensions['group']>;
const APART: Group = { name: 'web', policy: 'anti-affinity' };
const RULE = 'virt-drivers: web';

for (const variant of ['current', 'debian'] as const) {
  const center = await witnessedCenter({ poweredOn: false, clusters: 2, hostsPerCluster: 2, variant });
  afterAll(() => center?.stop());

  describeWith(`server groups (${center?.peer.version ?? variant})`, center, (center) => {
    const { driver, peer, proxy } = center;
    const { machines, migration } = driver;
    const made: Machine[] = [];
    afterEach(async () => {
      proxy.faults.clear();
      for (const { id } of made.splice(0)) await machines.delete(id, { kill: true });
      for (const cluster of ['DC0_C0', 'DC0_C1']) expect(await ruleOf(cluster)).toBeUndefined();
      expect(proxy.refused).toEqual([]);
    });

    const place = async (name: string): Promise<Host> => {
      const found = (await driver.hosts.list().all()).find((host) => host.name === name);
      if (!found) throw new Error(`There is no host ${name}.`);
      return found;
    };
    const create = async (name: string, host: string, group: Group = APART): Promise<Machine> => {
      const more: Partial<MachineSpec> = { host: (await place(host)).id, extensions: { vmware: { group } } };
      const machine = await machines.create(plainSpec(name, more));
      made.push(machine);
      return machine;
    };

    /** The group's rule in a cluster, with the names of its machines, as another client reads it. */
    async function ruleOf(name: string) {
      const vsphere = await ownClient(center);
      try {
        const { properties } = vsphere;
        const cluster = { type: 'ClusterComputeResource', value: (await place(name)).id } as const;
        const { configurationEx } = await properties.get(cluster, ['configurationEx']);
        const rules = configurationEx?.$type === 'ClusterConfigInfoEx' ? (configurationEx.rule ?? []) : [];
        const rule = rules.find((one) => one.name === RULE);
        if (!rule || !('vm' in rule)) return undefined;
        const names: string[] = [];
        for (const ref of rule.vm) names.push((await properties.get(ref, ['name'])).name ?? '');
        const { $type, key, enabled, mandatory } = rule;
        return { $type, key, enabled, mandatory, names: names.sort(), cluster };
      } finally {
        await vsphere.close();
      }
    }

    test('a rule keeps the machines of a group, from the second to the last but one', async () => {
      const one = await create('one', 'DC0_C0');
      expect(await ruleOf('DC0_C0')).toBeUndefined();
      await create('two', 'DC0_C0');
      // On a host of the cluster it is its scheduler's all the same.
      await create('three', 'DC0_C0_H1');
      await create('alone', 'DC0_C0', { name: 'database', policy: 'soft-affinity' });
      expect(await ruleOf('DC0_C0')).toMatchObject({
        $type: 'ClusterAntiAffinityRuleSpec',
        enabled: true,
        mandatory: true,
        names: ['one', 'three', 'two'],
      });
      if (variant === 'current')
        expect(await peer.govc(['cluster.rule.info', '-cluster', '/DC0/host/DC0_C0'])).toContain(RULE);
      await machines.delete(one.id);
      expect(await ruleOf('DC0_C0')).toMatchObject({ names: ['three', 'two'] });
    });

    test('what an administrator set of the rule stays', async () => {
      await create('one', 'DC0_C0');
      await create('two', 'DC0_C0');
      const rule = await ruleOf('DC0_C0');
      const vsphere = await ownClient(center);
      if (!rule?.key) throw new Error('There is no rule.');
      const { configurationEx } = await vsphere.properties.get(rule.cluster, ['configurationEx']);
      const rules = configurationEx?.$type === 'ClusterConfigInfoEx' ? (configurationEx.rule ?? []) : [];
      const info = rules.find(({ key }) => key === rule.key);
      if (!info) throw new Error('There is no rule.');
      const change = { $type: 'ClusterRuleSpec', operation: 'edit', info: { ...info, enabled: false } } as const;
      const spec = { $type: 'ClusterConfigSpecEx', rulesSpec: [change] } as const;
      await vsphere.run(rule.cluster, 'ReconfigureComputeResource_Task', { spec, modify: true });
      await vsphere.close();
      await create('three', 'DC0_C0');
      expect(await ruleOf('DC0_C0')).toMatchObject({ enabled: false, names: ['one', 'three', 'two'] });
    });

    test('machines that are made at once, by several drivers, are all in it', async () => {
      const others = [driver, await center.open(), await center.open()];
      const host = (await place('DC0_C0')).id;
      const extensions = { vmware: { group: APART } };
      const all = others.map((by, index) => by.machines.create(plainSpec(`at-once-${index}`, { host, extensions })));
      made.push(...(await Promise.all(all)));
      expect((await ruleOf('DC0_C0'))?.names).toEqual(['at-once-0', 'at-once-1', 'at-once-2']);
    });

    test('a machine that moves to another cluster leaves one rule for the other', async () => {
      await create('stays', 'DC0_C0');
      await create('there', 'DC0_C1');
      const { id } = await create('moves', 'DC0_C0');
      expect([await ruleOf('DC0_C0'), await ruleOf('DC0_C1')]).toMatchObject([
        { names: ['moves', 'stays'] },
        undefined,
      ]);
      const plan = { machine: id, host: (await place('DC0_C1_H0')).id, mode: 'offline' } as const;
      const ticket = await migration?.prepare(plan, (await migration?.describe(plan)) ?? null);
      if (!migration || !ticket) throw new Error('The driver moves nothing.');
      await (await migration.start(plan, ticket)).result();
      expect([await ruleOf('DC0_C0'), await ruleOf('DC0_C1')]).toMatchObject([
        undefined,
        { names: ['moves', 'there'] },
      ]);
    });

    test('where nobody would keep it, or otherwise than asked, nothing is made', async () => {
      const count = async () => (await machines.list().all()).length;
      const before = await count();
      await expect(create('outside', 'DC0_H0')).rejects.toMatchObject({
        code: 'CAPABILITY.CONDITION_UNMET',
        condition: { value: 'DRS' },
      });
      await create('one', 'DC0_C0');
      await expect(create('other', 'DC0_C0', { ...APART, policy: 'affinity' })).rejects.toMatchObject({
        code: 'REQUEST.CONFLICT',
      });
      expect(await count()).toBe(before + 1);
    });

    test('a rule that others change whenever it is looked at is given up, and no machine is left', async () => {
      await create('one', 'DC0_C0');
      await create('two', 'DC0_C0');
      const changed: Rule = ({ method }) => ({
        kind: 'rewrite',
        rewrite: (answer) => {
          const body = answer.body.toString().replace(/(<rule .*?)<vm [^>]*>[^<]*<\/vm>/s, '$1');
          return method === 'RetrievePropertiesEx' ? { ...answer, body: Buffer.from(body) } : answer;
        },
      });
      proxy.faults.everyCall(changed);
      await expect(create('three', 'DC0_C0')).rejects.toMatchObject({ code: 'REQUEST.CONFLICT' });
      proxy.faults.clear();
      expect((await machines.list().all()).map(({ name }) => name)).not.toContain('three');
      expect(await ruleOf('DC0_C0')).toMatchObject({ names: ['one', 'two'] });
    });

    test('a rule that cannot be changed: neither machine nor rule is left', async () => {
      await create('one', 'DC0_C0');
      const fails: Rule = ({ method }) =>
        method === 'ReconfigureComputeResource_Task'
          ? { kind: 'failing-task', type: 'InsufficientResourcesFault' }
          : undefined;
      proxy.faults.everyCall(fails);
      await expect(create('two', 'DC0_C0')).rejects.toMatchObject({ code: 'HOST.NOT_ENOUGH_RESOURCES' });
      proxy.faults.clear();
      expect((await machines.list().all()).map(({ name }) => name)).not.toContain('two');
      // Done, and not told.
      proxy.faults.next('ReconfigureComputeResource_Task', { kind: 'reset', when: 'after' });
      await expect(create('two', 'DC0_C0')).rejects.toMatchObject({ code: 'HOST.CONNECTION_LOST' });
      expect((await machines.list().all()).map(({ name }) => name)).not.toContain('two');
      expect(await ruleOf('DC0_C0')).toBeUndefined();
    });
  });
}
