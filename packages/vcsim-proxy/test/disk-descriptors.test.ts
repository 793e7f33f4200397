import type { Vsphere } from '@virt-drivers/vsphere';
import { buffer } from 'node:stream/consumers';
import { describeSimulated } from './simulator.js';
import { withOwnClient } from './own-client.js';

const NAME = '[LocalDS_0] disk.vmdk';
const FILE = { datacenter: 'DC0', datastore: 'LocalDS_0', path: 'disk.vmdk' } as const;

/** How many bytes the disk's descriptor says that it has, and in which file. */
async function described(vsphere: Vsphere): Promise<string> {
  const text = (await buffer(vsphere.files.download(FILE))).toString();
  const [, sectors = '0', file] = /^RW (\d+) \w+ "([^"]+)"/m.exec(text) ?? [];
  return `${BigInt(sectors) * 512n} in ${file}`;
}

await describeSimulated('descriptors of disks', (here) => {
  it('a disk says how large it is, also after it grew; a failed growth changes nothing', () =>
    withOwnClient(here, async (vsphere) => {
      const manager = vsphere.content.virtualDiskManager;
      const found = vsphere.properties.retrieve({
        from: vsphere.content.rootFolder,
        type: 'Datacenter',
        paths: ['name'],
      });
      const { value: first } = await found.next();
      if (!manager || !first) throw new Error('The simulator has no datacenter.');
      const request = { name: NAME, datacenter: first.ref };
      const spec = {
        $type: 'FileBackedVirtualDiskSpec',
        diskType: 'thin',
        adapterType: 'lsiLogic',
        capacityKb: 2048n,
      } as const;
      await vsphere.run(manager, 'CreateVirtualDisk_Task', { ...request, spec });
      expect(await described(vsphere)).toBe('2097152 in disk-flat.vmdk');
      await vsphere.run(manager, 'ExtendVirtualDisk_Task', { ...request, newCapacityKb: 4096n, eagerZero: false });
      expect(await described(vsphere)).toBe('4194304 in disk-flat.vmdk');
      const shrink = vsphere.run(manager, 'ExtendVirtualDisk_Task', {
        ...request,
        newCapacityKb: 1024n,
        eagerZero: false,
      });
      await expect(shrink).rejects.toThrow();
      expect(await described(vsphere)).toBe('4194304 in disk-flat.vmdk');
      const stoodIn = here.proxy.shimmed.has('CreateVirtualDisk_Task');
      expect(stoodIn).toBe(here.variant === 'debian');
      expect(here.proxy.refused).toEqual([]);
      await found.return(undefined);
    }));
});
