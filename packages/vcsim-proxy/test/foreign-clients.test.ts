import { itWith } from '@virt-drivers/peers/jest';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeSimulated } from './simulator.js';

await describeSimulated('clients that we did not write', (here) => {
  afterEach(() => expect(here.proxy.refused).toEqual([]));

  itWith('govc works through the strict check', here.govc, async (govc) => {
    const { peer } = here;
    const at = ['-pool', 'DC0_C0/Resources', '-net', 'VM Network'];
    await govc('vm.create', '-m', '64', ...at, '-ds', 'LocalDS_0', '-on=false', 'n1');
    await govc('vm.disk.create', '-vm', 'n1', '-name', 'n1/d2', '-size', '2G');
    await govc('vm.change', '-vm', 'n1', '-e', 'a=<b> & "c"', '-c', '2', '-annotation', 'ä\u{1F600}');
    await govc('snapshot.create', '-vm', 'n1', 'first');
    await govc('vm.power', '-on', 'n1');
    await govc('vm.power', '-off', '-force', 'n1');
    await govc('vm.clone', ...['-vm', 'n1', '-on=false', '-pool', 'DC0_C0/Resources', '-ds', 'LocalDS_0'], 'n2');
    await govc('vm.migrate', '-host', 'DC0_C0_H1', 'n2');
    const file = join(peer.directory, 'upload');
    await writeFile(file, 'content');
    await govc('datastore.upload', '-ds', 'LocalDS_0', file, 'd/upload');
    expect(await govc('datastore.download', '-ds', 'LocalDS_0', 'd/upload', '-')).toBe('content');
    await govc('device.cdrom.add', '-vm', 'n1');
    await govc('folder.create', '/DC0/vm/f1');
    // A host is entered only when nothing runs on it.
    await govc('vm.power', '-off', '-force', 'DC0_C0_RP0_VM0', 'DC0_C0_RP0_VM1');
    await govc('host.maintenance.enter', 'DC0_C0_H2');
    await govc('host.maintenance.exit', 'DC0_C0_H2');
    await govc('vm.power', '-on', 'DC0_C0_RP0_VM0', 'DC0_C0_RP0_VM1');
    await govc('cluster.rule.create', '-name', 'apart', '-anti-affinity', 'n1', 'n2');
    await govc('storage.policy.ls');
    await govc('fields.add', 'note');
    await govc('events', '-n', '5');
    await govc('vm.destroy', 'n2');
    // What disks write after a snapshot is in files that only the proxy shows: see stand-ins.
    await govc('snapshot.remove', '-vm', 'n1', 'first');
    const list = ['object.collect', '-json', '-type', 'm', '/'];
    expect(lines(await govc(...list))).toEqual(lines(await peer.govc(list)));
  });

  it('pyVmomi works through the strict check', async () => {
    const printed = await here.python(`
vm = machine('DC0_H0_VM0')
wait(vm.PowerOffVM_Task())
spec = vim.vm.ConfigSpec(memoryMB=128, annotation='x < y', extraConfig=[vim.option.OptionValue(key='k', value='v')])
disk = [d for d in vm.config.hardware.device if isinstance(d, vim.vm.device.VirtualDisk)][0]
wait(vm.ReconfigVM_Task(spec))
wait(vm.CreateSnapshot_Task('s', 'description', False, True))
print(vm.config.annotation, vm.snapshot.rootSnapshotList[0].name, disk.key > 0)
`);
    expect(printed).toBe('x < y s True\n');
  });

  it('lists the methods that the tables do not have', () => {
    expect([...here.proxy.unchecked].filter((method) => !knownToLack.has(method))).toEqual([]);
  });
});

const knownToLack = new Set<string>();

/** Without the versions of configurations, which the proxy counts by itself. */
const lines = (text: string): string[] =>
  text
    .trim()
    .split('\n')
    .filter((line) => !line.includes('"changeVersion"'))
    .sort();
