import { Secret, type Machine, type OpenDriver, type RemoteConnection, type RemoteVolumes } from '@virt-drivers/core';
import type { StorageTarget } from '@virt-drivers/vcsim-proxy';
import { connect, type Vsphere } from '@virt-drivers/vsphere';
import { plainSpec } from './lifecycle.js';
import type { SimulatedCenter } from './simulated-center.js';

const MEBIBYTE = 1_048_576n;

/** Storage systems that hosts reach, at addresses of documentation (RFC 5737). */
export const TARGET = 'iqn.2026-01.org.example:volumes';
export const SECRET = 'a-secret-that-nobody-sees';
export const WWPN = '2100f4e9d4556677';
export const UNIT_BYTES = 64n * MEBIBYTE;

const unit = (lun: number, naa: string) => ({ lun, naa, sizeBytes: UNIT_BYTES });

/** The systems anew: units can be made to grow. */
export const storageTargets = () =>
  [
    {
      iqn: TARGET,
      portals: ['192.0.2.9:3260', '192.0.2.10:3260'],
      chap: { user: 'initiator', password: SECRET },
      units: [unit(1, '6000aa01'), unit(2, '6000aa02')],
    },
    { wwpn: WWPN, units: [unit(7, '6000bb07')] },
  ] as const satisfies readonly StorageTarget[];

/** A unit of the iSCSI system. */
export const iscsi = (lun: number, password = SECRET): Extract<RemoteConnection, { readonly protocol: 'iscsi' }> => ({
  protocol: 'iscsi',
  portals: [
    { host: '192.0.2.9', port: 3260 },
    { host: '192.0.2.10', port: 3260 },
  ],
  target: TARGET,
  lun,
  multipath: true,
  chap: { user: 'initiator', password: new Secret(password) },
});

/** The facet of a driver that has it. */
export function remoteVolumesOf({ remoteVolumes }: OpenDriver): Required<Omit<RemoteVolumes, 'swap'>> {
  const { extend, attachObject } = remoteVolumes ?? {};
  if (remoteVolumes && extend && attachObject) return { ...remoteVolumes, extend, attachObject };
  throw new Error('The driver has no remote volumes.');
}

/** Machines of a test, which go with it. */
export function machinesOf({ driver }: SimulatedCenter) {
  const made: Machine[] = [];
  return {
    /** On this host or cluster. */
    async make(host: string): Promise<Machine> {
      const place = (await driver.hosts.list().all()).find(({ name }) => name === host);
      if (!place) throw new Error(`There is no host ${host}.`);
      const machine = await driver.machines.create(plainSpec(`remote-${made.length}`, { host: place.id }));
      made.push(machine);
      return machine;
    },
    async removeAll(): Promise<void> {
      for (const { id } of made.splice(0)) await driver.machines.delete(id, { kill: true });
    },
  };
}

/** A client beside the driver, as an administrator has one. */
export const ownClient = ({ peer, proxy }: SimulatedCenter): Promise<Vsphere> =>
  connect({ url: proxy.url, credentials: { username: peer.username, password: peer.password }, keepAliveMs: 0 });

/** What another client sees of hosts and machines, through the proxy, whose stand-ins the simulator knows nothing of. */
export function traces({ peer, proxy }: SimulatedCenter) {
  const govc = (...args: readonly string[]) => peer.govc(args, { url: proxy.url });
  const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line.trim() !== '');
  /** The part of a host that its storage is told to, as `HostStorageSystem:…`. */
  async function systemOf(host: string): Promise<string> {
    const owner = host.replace(/(_C\d+)_H\d+$/, '$1');
    const said = await govc('object.collect', '-json', `/DC0/host/${owner}/${host}`, 'configManager.storageSystem');
    const [, value = ''] = /"type":\s*"HostStorageSystem",\s*"value":\s*"([^"]+)"/.exec(said) ?? [];
    return `HostStorageSystem:${value}`;
  }
  return {
    govc,
    systemOf,
    /** Addresses of targets that a host was told. */
    async targets(host: string): Promise<readonly string[]> {
      const info = await govc('object.collect', '-json', await systemOf(host), 'storageDeviceInfo');
      const told = info.slice(info.indexOf('configuredStaticTarget'));
      if (told === info) return [];
      return [...told.matchAll(/"address":\s*"([\d.]+)",\s*"port"/g)].map(([, address = '']) => address).sort();
    },
    stores: async () =>
      lines(await govc('find', '/', '-type', 's'))
        .map((path) => path.split('/').at(-1) ?? '')
        .sort(),
    /** Files of mappings, in all datastores. */
    mappings: async () =>
      lines(await govc('datastore.ls', '-R', '-ds', 'LocalDS_0')).filter((line) => /-mapping\.vmdk$/.test(line)),
    /** Settings of machines that are about remote volumes. */
    async notes(): Promise<number> {
      const settings = await govc('object.collect', '-json', '-type', 'm', '/', 'config.extraConfig');
      return [...settings.matchAll(/"virt-drivers\.remote\./g)].length;
    },
    disks: async ({ name }: Machine) => govc('device.info', '-json', '-vm', name, 'disk-*').catch(() => ''),
  };
}
