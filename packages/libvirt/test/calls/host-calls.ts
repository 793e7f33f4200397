import { expect } from '@jest/globals';
import * as l from '../../src/index.js';
import { answered, type CallTable } from './call-table.js';

const NETWORK =
  '<network><name>net</name><bridge name="virbr77"/><ip address="192.168.77.1" netmask="255.255.255.0"/></network>';
const INTERFACE = '<interface type="ethernet" name="eth77"><mac address="00:11:22:33:44:55"/></interface>';
const HBA =
  '<device><parent>scsi_host2</parent><capability type="scsi_host"><capability type="fc_host"><wwnn>2000000012341234</wwnn><wwpn>1000000012341234</wwpn></capability></capability></device>';

/** What belongs to the host rather than to a domain, on libvirt's test driver. */
export const HOST: CallTable = [
  [
    'describes itself',
    async ({ connection: c }) => {
      expect(await l.connectGetType(c)).toBe('TEST');
      expect(await l.connectGetVersion(c)).toBe(2n);
      expect(await l.connectGetLibVersion(c)).toBeGreaterThanOrEqual(9_000_000n);
      expect(await l.connectGetUri(c)).toBe('test:///default');
      expect(await l.connectGetHostname(c)).not.toBe('');
      expect(await l.connectGetMaxVcpus(c)).toBe(32);
      expect(await l.connectGetCapabilities(c)).toContain('<capabilities>');
      await answered(l.connectGetSysinfo(c));
      expect(await l.connectIsSecure(c)).toBe(1);
      expect((await l.connectGetCpuModelNames(c, 'x86_64')).length).toBeGreaterThan(10);
      await answered(l.connectBaselineCpu(c, ['<cpu><arch>x86_64</arch><model>qemu64</model></cpu>']));
      expect(await l.connectGetAllDomainStats(c, [], 0)).not.toEqual([]);
    },
  ],
  [
    'describes its node',
    async ({ connection: c }) => {
      expect((await l.nodeGetInfo(c)).model).toBe('i686');
      expect(await l.nodeGetFreeMemory(c)).toBeGreaterThan(0n);
      expect(await l.nodeGetCellsFreeMemory(c, 0, 2)).toHaveLength(2);
      const { nparams } = await l.nodeGetCpuStats(c, -1, 0);
      expect((await l.nodeGetCpuStats(c, -1, nparams)).params).toHaveLength(nparams);
      await l.nodeGetCpuMap(c, 1, 1);
      await answered(l.nodeGetFreePages(c, [4], 0, 1));
      await answered(l.nodeGetSecurityModel(c));
    },
  ],
  [
    'lists domains',
    async ({ connection: c }) => {
      expect(await l.connectListDomains(c)).toHaveLength(await l.connectNumOfDomains(c));
      expect(await l.connectListDefinedDomains(c)).toHaveLength(await l.connectNumOfDefinedDomains(c));
      expect((await l.connectListAllDomains(c, l.ConnectListAllDomainsFlags.Active)).length).toBe(
        await l.connectNumOfDomains(c),
      );
    },
  ],
  [
    'has networks',
    async ({ connection: c }) => {
      const network = await l.networkDefineXmlFlags(c, NETWORK);
      expect(await l.networkDefineXml(c, await l.networkGetXmlDesc(c, network))).toEqual(network);
      expect(await l.connectListDefinedNetworks(c)).toEqual(['net']);
      expect(await l.connectNumOfDefinedNetworks(c)).toBe(1);
      await l.networkCreate(c, network);
      expect(await l.connectListNetworks(c)).toHaveLength(await l.connectNumOfNetworks(c));
      expect((await l.connectListAllNetworks(c)).map(({ name }) => name)).toContain('net');
      expect(await l.networkLookupByName(c, 'net')).toEqual(await l.networkLookupByUuid(c, network.uuid));
      expect([await l.networkIsActive(c, network), await l.networkIsPersistent(c, network)]).toEqual([1, 1]);
      expect(await l.networkGetBridgeName(c, network)).toBe('virbr77');
      await l.networkSetAutostart(c, network, 1);
      expect(await l.networkGetAutostart(c, network)).toBe(1);
      const host = '<host mac="00:11:22:33:44:55" ip="192.168.77.9"/>';
      await answered(
        l.networkUpdate(c, network, l.NetworkUpdateCommand.AddLast, l.NetworkUpdateSection.IpDhcpHost, -1, host),
      );
      await l.networkDestroy(c, network);
      await l.networkUndefine(c, network);
      await l.networkDestroy(c, await l.networkCreateXml(c, NETWORK));
      await l.networkDestroy(c, await l.networkCreateXmlFlags(c, NETWORK));
    },
  ],
  [
    'has interfaces',
    async ({ connection: c }) => {
      await l.interfaceChangeBegin(c);
      const added = await l.interfaceDefineXml(c, INTERFACE);
      await l.interfaceCreate(c, added);
      expect(await l.interfaceIsActive(c, added)).toBe(1);
      expect(await l.interfaceLookupByName(c, 'eth77')).toEqual(
        await l.interfaceLookupByMacString(c, '00:11:22:33:44:55'),
      );
      expect(await l.interfaceGetXmlDesc(c, added)).toContain('eth77');
      expect(await l.connectListInterfaces(c)).toHaveLength(await l.connectNumOfInterfaces(c));
      await l.interfaceDestroy(c, added);
      expect(await l.connectListDefinedInterfaces(c)).toHaveLength(await l.connectNumOfDefinedInterfaces(c));
      expect(await l.connectListAllInterfaces(c)).toContainEqual(added);
      await l.interfaceUndefine(c, added);
      await l.interfaceChangeCommit(c);
      await l.interfaceChangeBegin(c);
      await l.interfaceChangeRollback(c);
    },
  ],
  [
    'has devices',
    async ({ connection: c }) => {
      expect(await l.nodeListDevices(c)).toHaveLength(await l.nodeNumOfDevices(c));
      const [device] = await l.connectListAllNodeDevices(c);
      const name = device?.name ?? '';
      expect(await l.nodeDeviceLookupByName(c, name)).toEqual(device);
      expect(await l.nodeDeviceGetXmlDesc(c, name)).toContain(name);
      expect(await l.nodeDeviceListCaps(c, name)).toHaveLength(await l.nodeDeviceNumOfCaps(c, name));
      await l.nodeDeviceGetParent(c, name);
      await using events = await l.nodeDeviceEvents(c);
      const created = await l.nodeDeviceCreateXml(c, HBA);
      expect((await events.next()).value).toMatchObject({
        kind: 'lifecycle',
        device: created,
        event: l.NodeDeviceEventLifecycleType.Created,
      });
      await l.nodeDeviceDestroy(c, created.name);
    },
  ],
];
