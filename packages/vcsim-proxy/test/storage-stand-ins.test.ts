import { nfsExport } from '../src/index.js';
import { faultOf } from './fault-of.js';
import { describeSimulated } from './simulator.js';

const nfs = await nfsExport(['one']);
afterAll(() => nfs.remove());

const TARGET = { iqn: 'iqn.2026-01.org.example:t', portals: ['192.0.2.9:3260'], chap: { user: 'u', password: 'p' } };

await describeSimulated('storage of hosts, seen by pyVmomi', (here) => {
  afterEach(() => {
    expect(here.proxy.refused).toEqual([]);
    here.proxy.settings.exports = [];
    here.proxy.settings.storageTargets = [];
  });

  /** Runs a script with two hosts of the cluster, `one` and `two`. */
  const python = async (script: string) =>
    (await here.python(`one, two = machine('DC0_C0_RP0_VM0').runtime.host.parent.host[:2]\n${script}`))
      .trim()
      .split('\n');

  it('mounts what servers export, host by host, and unmounts it', async () => {
    here.proxy.settings.exports = [nfs];
    const printed = await python(`
spec = lambda path, name='exported': vim.host.NasVolume.Specification(
    remoteHost='192.0.2.7', remotePath=path, localPath=name, accessMode='readWrite', type='NFS')
mount = lambda host, *args: host.configManager.datastoreSystem.CreateNasDatastore(spec(*args))
unmount = lambda host, store: host.configManager.datastoreSystem.RemoveDatastore(store)
stores = lambda host: sorted(each.name for each in host.datastore)
store = mount(one, '/volumes')
print(store.name, store.info.nas.remoteHost, stores(one), stores(two))
print(mount(two, '/volumes') == store, len(store.host))
${faultOf("mount(one, '/elsewhere')")}
${faultOf("mount(one, '/volumes', 'a/b')")}
${faultOf("mount(one, '/volumes')")}
unmount(one, store)
print(stores(one), stores(two), len(store.host))
${faultOf('unmount(one, store)')}
unmount(two, store)
folder = content.rootFolder.childEntity[0].datastoreFolder
print(stores(two), sorted({each.name for each in folder.childEntity}))
again = mount(two, '/volumes')
print(stores(one), stores(two))
unmount(two, again)`);
    expect(printed).toEqual([
      "exported 192.0.2.7 ['LocalDS_0', 'exported'] ['LocalDS_0']",
      'True 2',
      'HostConfigFault',
      'InvalidName',
      'DuplicateName',
      "['LocalDS_0'] ['LocalDS_0', 'exported'] 1",
      'NotFound',
      "['LocalDS_0'] ['LocalDS_0']",
      "['LocalDS_0'] ['LocalDS_0', 'exported']",
    ]);
  });

  it('logs in to targets and finds their units when it is told to look', async () => {
    here.proxy.settings.storageTargets = [
      { ...TARGET, units: [{ lun: 3, naa: '6000aa', sizeBytes: 1_048_576n }] },
      { wwpn: '2100000000000099', units: [{ lun: 0, naa: '6000bb', sizeBytes: 1_048_576n }] },
    ];
    const printed = await python(`
system = one.configManager.storageSystem
target = lambda secret: vim.host.InternetScsiHba.StaticTarget(address='192.0.2.9', port=3260, iScsiName='${TARGET.iqn}',
    authenticationProperties=vim.host.InternetScsiHba.AuthenticationProperties(chapAuthEnabled=True, chapName='u', chapSecret=secret))
info = lambda: system.storageDeviceInfo
units = lambda: [l.canonicalName for l in info().scsiLun if l.canonicalName.startswith('naa.6000')]
adapter = [a for a in info().hostBusAdapter if isinstance(a, vim.host.InternetScsiHba)][0]
print(info().softwareInternetScsiEnabled, adapter.device, adapter.iScsiName.split(':')[0])
system.AddInternetScsiStaticTargets(adapter.device, [target('wrong')])
system.RescanHba(adapter.device)
print(units())
system.RemoveInternetScsiStaticTargets(adapter.device, [target('wrong')])
system.AddInternetScsiStaticTargets(adapter.device, [target('p')])
print(units())
system.RescanHba(adapter.device)
lun = [l for l in info().scsiLun if l.canonicalName in units()][0]
print(units(), lun.capacity.block * lun.capacity.blockSize)
print([[u.lun for u in t.lun if u.scsiLun == lun.key] for a in info().scsiTopology.adapter if a.adapter == adapter.key for t in a.target])
print([t.address for a in info().hostBusAdapter if a.device == adapter.device for t in a.configuredStaticTarget])
system.RescanHba('vmhba66')
print(units(), [l for l in two.configManager.storageSystem.storageDeviceInfo.scsiLun if l.canonicalName in units()])
${faultOf("system.RescanHba('vmhba99')")}
system.RemoveInternetScsiStaticTargets(adapter.device, [target('p')])
system.RescanHba(adapter.device)
print(units())
${faultOf("system.RemoveInternetScsiStaticTargets(adapter.device, [target('p')])")}`);
    expect(printed).toEqual([
      'True vmhba65 iqn.1998-01.com.vmware',
      '[]',
      '[]',
      "['naa.6000aa'] 1048576",
      '[[3]]',
      "['192.0.2.9']",
      "['naa.6000aa', 'naa.6000bb'] []",
      'NotFound',
      "['naa.6000bb']",
      'NotFound',
    ]);
  });

  it('shows the first class disk that a device is', async () => {
    const printed = await python(`
vm = machine('DC0_C0_RP0_VM0')
backing = vim.vslm.CreateSpec.DiskFileBackingSpec(datastore=vm.datastore[0], provisioningType='thin')
task = content.vStorageObjectManager.CreateDisk_Task(vim.vslm.CreateSpec(name='f', capacityInMB=10, backingSpec=backing))
wait(task)
identity = task.info.result.config.id
wait(vm.AttachDisk_Task(identity, vm.datastore[0]))
print([d.vDiskId.id == identity.id for d in vm.config.hardware.device if getattr(d, 'vDiskId', None)])
wait(vm.DetachDisk_Task(identity))`);
    expect(printed).toEqual(['[True]']);
  });
});
