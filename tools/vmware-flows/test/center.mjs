import { openImageCache } from '@virt-drivers/compute';
import { Secret } from '@virt-drivers/core';
import { driver } from '@virt-drivers/driver-vmware';
import { requirePeer, startVcsim, vcsimBuild } from '@virt-drivers/peers';
import { startVcsimProxy } from '@virt-drivers/vcsim-proxy';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A simulator behind the strict proxy, a driver and an image cache; undefined, and printed why, where there is none. */
export const openCenter = () =>
  requirePeer(async () => {
    const owned = [];
    const stop = async () => {
      for (const end of owned.splice(0).reverse()) await end();
    };
    // The witness is govc, which comes with the current simulator, whichever serves.
    await vcsimBuild('current');
    try {
      const peer = await startVcsim({ tls: false, machines: 1, portgroups: 1 });
      owned.push(() => peer.stop());
      const proxy = await startVcsimProxy({ upstream: peer.url, settings: { pageSize: 3 } });
      owned.push(() => proxy.close());
      const target = `vsphere+http://${peer.username}@${new URL(proxy.url).host}`;
      const open = () => driver.open({ target, options: { password: new Secret(peer.password) } });
      const session = await open();
      owned.push(() => session.close());
      const directory = await mkdtemp(join(tmpdir(), 'vmware-flows-'));
      owned.push(() => rm(directory, { recursive: true, force: true }));
      const gate = { cache: await openImageCache(join(directory, 'cache')) };
      return { peer, proxy, session, open, directory, gate, ...witnessOf(peer), stop };
    } catch (error) {
      await stop();
      throw error;
    }
  });

/** What govc, which shares no code with us, sees of the simulator itself. */
function witnessOf(peer) {
  return {
    /** Names of all machines. */
    machines: async () => (await peer.govc(['find', '/', '-type', 'm'])).trim().split('\n').sort(),
    /** Files of our volumes, as paths below the datastore. */
    async files() {
      const folders = JSON.parse(await peer.govc(['datastore.ls', '-json', '-R', '-ds', 'LocalDS_0']));
      return folders
        .filter(({ folderPath }) => /\] ?\/?virt-drivers(\/|$)/.test(folderPath))
        .flatMap(({ folderPath, file }) => (file ?? []).map(({ path }) => `${folderPath}/${path}`))
        .filter((path) => /\.(vmdk|iso)$/.test(path))
        .sort();
    },
    /** The inventory path of the host that a machine is on. */
    async hostOf(name) {
      const { virtualMachines } = JSON.parse(await peer.govc(['vm.info', '-json', name]));
      return (await peer.govc(['ls', '-L', `HostSystem:${virtualMachines[0].runtime.host.value}`])).trim();
    },
    /** The files behind the disks of a machine, in their order. */
    async disksOf(name) {
      const { virtualMachines } = JSON.parse(await peer.govc(['vm.info', '-json', name]));
      return virtualMachines[0].config.hardware.device
        .filter(({ capacityInKB, backing }) => capacityInKB !== undefined && backing?.fileName)
        .map(({ backing }) => backing.fileName);
    },
  };
}
