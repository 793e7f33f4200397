import { faultOf } from './fault-of.js';
import { describeSimulated } from './simulator.js';

await describeSimulated('stand-ins, seen by pyVmomi', (here) => {
  afterEach(() => expect(here.proxy.refused).toEqual([]));

  /** Runs a script with `vm`, a running machine. */
  const python = async (script: string, name = 'DC0_C0_RP0_VM0') =>
    (await here.python(`vm = machine('${name}')\n${script}`)).trim().split('\n');

  it('consolidates, migrates and says that it stood in', async () => {
    const printed = await python(`
wait(vm.ConsolidateVMDisks_Task())
hosts = [h for h in vm.runtime.host.parent.host if h != vm.runtime.host]
wait(vm.MigrateVM_Task(host=hosts[0], priority='defaultPriority'))
print(vm.runtime.host == hosts[0])
${faultOf("wait(vm.MigrateVM_Task(host=hosts[0], priority='defaultPriority', state='poweredOff'))")}`);
    expect(printed).toEqual(['True', 'InvalidPowerState']);
    expect([...here.proxy.shimmed]).toEqual(expect.arrayContaining(['ConsolidateVMDisks_Task', 'MigrateVM_Task']));
    expect(here.proxy.takeShimmed()).toEqual(expect.arrayContaining(['MigrateVM_Task']));
    expect(here.proxy.takeShimmed()).toEqual([]);
  });

  it('refuses a change of a configuration that is not the latest', async () => {
    const printed = await python(`
spec = vim.vm.ConfigSpec(changeVersion=vm.config.changeVersion, annotation='one')
wait(vm.ReconfigVM_Task(spec))
print(vm.config.annotation)
if spec.changeVersion:
    ${'print("versions")'}
${faultOf('wait(vm.ReconfigVM_Task(spec))')}`);
    expect(printed.slice(0, 1)).toEqual(['one']);
    if (printed.includes('versions')) expect(printed.at(-1)).toBe('ConcurrentAccess');
    else expect(here.variant).toBe('debian');
  });

  it('gives tickets and screenshots of running machines only', async () => {
    const printed = await python(`
ticket = vm.AcquireTicket('webmks')
print(len(ticket.ticket) > 8, ticket.port)
wait(vm.CreateScreenshot_Task())
${faultOf('vm.RebootGuest()')}
set = vim.option.OptionValue(key='SET.guest.toolsRunningStatus', value='guestToolsRunning')
wait(vm.ReconfigVM_Task(vim.vm.ConfigSpec(extraConfig=[set])))
vm.RebootGuest()
wait(vm.PowerOffVM_Task())
${faultOf("vm.AcquireTicket('webmks')")}
${faultOf('wait(vm.CreateScreenshot_Task())')}
${faultOf('vm.RebootGuest()')}
wait(vm.PowerOnVM_Task())`);
    expect(printed).toEqual(['True 443', 'ToolsUnavailable', ...Array<string>(3).fill('InvalidPowerState')]);
  });

  it('keeps one value of each extra option, and none that is empty', async () => {
    const printed = await python(`
option = lambda value: vim.vm.ConfigSpec(extraConfig=[vim.option.OptionValue(key='k', value=value)])
for value in ['1', '2']: wait(vm.ReconfigVM_Task(option(value)))
print([o.value for o in vm.config.extraConfig if o.key == 'k'])
wait(vm.ReconfigVM_Task(option('')))
print([o.value for o in vm.config.extraConfig if o.key == 'k'])`);
    expect(printed).toEqual(["['2']", '[]']);
  });

  it('renames snapshots and refuses a name that is taken', async () => {
    const printed = await python(`
wait(vm.CreateSnapshot_Task('old', 'd', False, False))
vm.snapshot.currentSnapshot.RenameSnapshot(name='new')
print(vm.snapshot.rootSnapshotList[0].name, vm.snapshot.rootSnapshotList[0].description)
spec = vim.vm.ConfigSpec(name=vm.name, guestId='otherGuest', files=vim.vm.FileInfo(vmPathName='[LocalDS_0]'))
${faultOf('wait(vm.parent.CreateVM_Task(spec, vm.resourcePool))')}`);
    expect(printed).toEqual(['new d', 'DuplicateName']);
  });

  it('grows virtual disks and attaches first class disks', async () => {
    const printed = await python(`
datacenter, store = content.rootFolder.childEntity[0], vm.datastore[0]
disks = content.virtualDiskManager
spec = vim.VirtualDiskManager.FileBackedVirtualDiskSpec(diskType='thin', adapterType='lsiLogic', capacityKb=1024)
wait(disks.CreateVirtualDisk_Task('[LocalDS_0] a.vmdk', datacenter, spec))
wait(disks.ExtendVirtualDisk_Task('[LocalDS_0] a.vmdk', datacenter, 2048))
${faultOf("wait(disks.ExtendVirtualDisk_Task('[LocalDS_0] none.vmdk', datacenter, 2048))")}
backing = vim.vslm.CreateSpec.DiskFileBackingSpec(datastore=store, provisioningType='thin')
task = content.vStorageObjectManager.CreateDisk_Task(vim.vslm.CreateSpec(name='f', capacityInMB=10, backingSpec=backing))
wait(task)
identity = task.info.result.config.id
count = lambda: len([d for d in vm.config.hardware.device if isinstance(d, vim.vm.device.VirtualDisk)])
before = count()
wait(vm.AttachDisk_Task(identity, store))
print(count() - before)
wait(vm.DetachDisk_Task(identity))
print(count() - before)`);
    expect(printed).toEqual(['FileNotFound', '1', '0']);
  });
});
