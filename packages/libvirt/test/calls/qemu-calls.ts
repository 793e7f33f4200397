import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from '@jest/globals';
import * as l from '../../src/index.js';
import { answered, type CallContext, type CallTable } from './call-table.js';

const SECRET =
  '<secret ephemeral="no" private="no"><usage type="volume"><volume>/some/volume</volume></usage></secret>';
const FILTER =
  '<filter name="ours" chain="root"><rule action="accept" direction="inout" priority="500"><all/></rule></filter>';
const CPU = '<cpu><arch>x86_64</arch><model>qemu64</model></cpu>';
const xml = (
  disk: string,
): string => `<domain type="qemu"><name>q</name><memory unit="MiB">64</memory><vcpu current="1">2</vcpu>
  <os><type arch="x86_64" machine="q35">hvm</type></os><features><acpi/></features><devices>
  <disk type="file"><driver name="qemu" type="qcow2"/><source file="${disk}"/><target dev="vda" bus="virtio"/></disk>
  <serial type="pty"/><channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/></channel></devices></domain>`;
const q = (c: CallContext): Promise<l.Domain> => l.domainLookupByName(c.connection, 'q');

export const QEMU_HOST: CallTable = [
  [
    'has secrets',
    async ({ connection: c }) => {
      await using events = await l.secretEvents(c);
      const secret = await l.secretDefineXml(c, SECRET);
      expect((await events.next()).value).toMatchObject({
        kind: 'lifecycle',
        secret,
        event: l.SecretEventLifecycleType.Defined,
      });
      await l.secretSetValue(c, secret, Buffer.from([0, 1, 0xff]));
      expect([...(await l.secretGetValue(c, secret))]).toEqual([0, 1, 0xff]);
      expect(await l.secretLookupByUuid(c, secret.uuid)).toEqual(
        await l.secretLookupByUsage(c, l.SecretUsageType.Volume, '/some/volume'),
      );
      expect(await l.secretGetXmlDesc(c, secret)).toContain('/some/volume');
      expect(await l.connectListSecrets(c)).toHaveLength(await l.connectNumOfSecrets(c));
      expect(await l.connectListAllSecrets(c)).toEqual([secret]);
      await l.secretUndefine(c, secret);
    },
  ],
  [
    'has network filters',
    async ({ connection: c }) => {
      const filter = await l.nwfilterDefineXml(c, FILTER);
      expect(await l.nwfilterLookupByName(c, 'ours')).toEqual(await l.nwfilterLookupByUuid(c, filter.uuid));
      await answered(l.nwfilterDefineXmlFlags(c, await l.nwfilterGetXmlDesc(c, filter)));
      expect(await l.connectListNwfilters(c)).toHaveLength(await l.connectNumOfNwfilters(c));
      expect(await l.connectListAllNwfilters(c)).toContainEqual(filter);
      expect(await l.connectListAllNwfilterBindings(c)).toEqual([]);
      await answered(l.nwfilterBindingLookupByPortDev(c, 'none'));
      await l.nwfilterUndefine(c, filter);
    },
  ],
  [
    'compares processors',
    async ({ connection: c }) => {
      await answered(l.connectCompareCpu(c, CPU));
      await answered(l.connectCompareHypervisorCpu(c, undefined, 'x86_64', undefined, 'qemu', CPU));
      await answered(l.connectBaselineHypervisorCpu(c, undefined, 'x86_64', undefined, 'qemu', [CPU]));
      expect(await l.connectGetDomainCapabilities(c, undefined, 'x86_64', 'q35', 'qemu')).toContain(
        '<domainCapabilities>',
      );
      expect(await l.connectGetStoragePoolCapabilities(c)).toContain('<storagepoolCapabilities>');
      await answered(l.connectDomainXmlFromNative(c, 'qemu-argv', 'x'));
    },
  ],
  [
    'describes its node',
    async ({ connection: c }) => {
      const { nparams } = await l.nodeGetMemoryStats(c, 0, -1);
      expect((await l.nodeGetMemoryStats(c, nparams, -1)).params).toHaveLength(nparams);
      await answered(l.nodeGetMemoryParameters(c));
      await answered(l.nodeGetSevInfo(c));
      await answered(l.nodeAllocPages(c, [2048], [0n], 0, 1));
      await answered(l.nodeDeviceGetAutostart(c, 'computer'));
      await answered(l.nodeDeviceIsActive(c, 'computer'));
      await answered(l.nodeDeviceIsPersistent(c, 'computer'));
      await answered(l.nodeDeviceLookupScsiHostByWwn(c, '2000000012341234', '1000000012341234'));
      await answered(l.nodeDeviceDefineXml(c, '<device/>'));
      for (const call of [
        l.nodeDeviceCreate,
        l.nodeDeviceUndefine,
        l.nodeDeviceReset,
        l.nodeDeviceReAttach,
        l.nodeDeviceDettach,
      ])
        await answered(call(c, 'computer'));
      await answered(l.nodeDeviceDetachFlags(c, 'computer', 'vfio'));
      await answered(l.nodeDeviceSetAutostart(c, 'computer', 0));
    },
  ],
  [
    'has a pool with volumes',
    async ({ connection: c, directory }) => {
      const pool = await l.storagePoolLookupByTargetPath(c, directory);
      const volume = await l.storageVolCreateXml(
        c,
        pool,
        '<volume><name>v.raw</name><capacity>4096</capacity></volume>',
      );
      expect(await l.storageVolGetInfoFlags(c, volume, l.StorageVolInfoFlags.GetPhysical)).toMatchObject({
        capacity: 4096n,
      });
      await l.storageVolResize(c, volume, 8192n);
      await l.storageVolWipe(c, volume);
      await answered(l.storageVolWipePattern(c, volume, l.StorageVolWipeAlgorithm.Random));
      (await l.storageVolUpload(c, volume, 0n, 0n)).end(Buffer.from('hello'));
      expect((await (await l.storageVolDownload(c, volume, 0n, 8n)).toArray()).length).toBeGreaterThan(0);
      await l.storageVolDelete(c, volume);
      await l.storageVolCreateXml(
        c,
        pool,
        '<volume><name>q.qcow2</name><capacity>1048576</capacity><target><format type="qcow2"/></target></volume>',
      );
    },
  ],
];

export const QEMU_DOMAIN: CallTable = [
  [
    'starts',
    async (c) => {
      const domain = await l.domainDefineXmlFlags(
        c.connection,
        xml(join(c.directory, 'q.qcow2')),
        l.DomainDefineFlags.Validate,
      );
      expect(
        await l.connectDomainXmlToNative(c.connection, 'qemu-argv', await l.domainGetXmlDesc(c.connection, domain)),
      ).toContain('qemu-system');
      await l.domainCreateWithFlags(c.connection, domain, l.DomainCreateFlags.StartPaused);
      await l.domainResume(c.connection, domain);
    },
  ],
  [
    'takes and gives devices',
    async (c) => {
      const device = '<rng model="virtio"><backend model="random">/dev/urandom</backend><alias name="ua-rng"/></rng>';
      await answered(l.domainAttachDevice(c.connection, await q(c), device));
      await answered(l.domainDetachDevice(c.connection, await q(c), device));
      await answered(l.domainAttachDeviceFlags(c.connection, await q(c), device, l.DomainDeviceModifyFlags.Config));
      await answered(l.domainUpdateDeviceFlags(c.connection, await q(c), device, l.DomainDeviceModifyFlags.Config));
      await answered(l.domainDetachDeviceFlags(c.connection, await q(c), device, l.DomainDeviceModifyFlags.Config));
      await answered(l.domainDetachDeviceAlias(c.connection, await q(c), 'ua-none'));
    },
  ],
  [
    'works on its disk',
    async (c) => {
      const [connection, domain] = [c.connection, await q(c)];
      expect((await l.domainBlockStatsFlags(connection, domain, 'vda'))['rd_operations']).toBeGreaterThanOrEqual(0n);
      await answered(l.domainBlockPeek(connection, domain, 'vda', 0n, 4));
      await l.domainBlockResize(connection, domain, 'vda', 2097152n, l.DomainBlockResizeFlags.Bytes);
      await l.domainSetBlockThreshold(connection, domain, 'vda', 1048576n);
      await l.domainSetBlockIoTune(connection, domain, 'vda', { total_bytes_sec: 1048576n });
      expect((await l.domainGetBlockIoTune(connection, domain, 'vda'))['total_bytes_sec']).toBe(1048576n);
      await l.domainGetBlockJobInfo(connection, domain, 'vda');
      for (const job of [l.domainBlockPull, l.domainBlockJobSetSpeed])
        await answered(job(connection, domain, 'vda', 0n));
      await answered(l.domainBlockCommit(connection, domain, 'vda', 'none', undefined, 0n));
      await answered(l.domainBlockRebase(connection, domain, 'vda', 'none', 0n));
      await answered(l.domainBlockCopy(connection, domain, 'vda', '<disk/>', { bandwidth: 0n }));
      await answered(l.domainBlockJobAbort(connection, domain, 'vda'));
      await answered(l.domainBackupBegin(connection, domain, '<domainbackup/>'));
      await answered(l.domainBackupGetXmlDesc(connection, domain));
      await answered(l.domainAbortJob(connection, domain));
    },
  ],
  [
    'tells about itself',
    async (c) => {
      const [connection, domain] = [c.connection, await q(c)];
      // The backup that was begun before may still be stopping.
      const job = async () => (await l.domainGetJobInfo(connection, domain)).type;
      while ((await job()) !== l.DomainJobType.None) await setTimeout(50);
      expect(await job()).toBe(l.DomainJobType.None);
      await l.domainGetJobStats(connection, domain);
      await l.domainGetSecurityLabelList(connection, domain);
      await l.domainGetVcpus(connection, domain, 1, 1);
      await l.domainGetPerfEvents(connection, domain);
      await answered(l.domainGetGuestInfo(connection, domain, 0));
      await answered(l.domainGetGuestVcpus(connection, domain));
      await answered(l.domainSetGuestVcpus(connection, domain, '0', 1));
      await answered(l.domainAgentSetResponseTimeout(connection, domain, 5));
      await answered(l.domainAuthorizedSshKeysGet(connection, domain, 'root'));
      await answered(l.domainAuthorizedSshKeysSet(connection, domain, 'root', ['key']));
      await answered(l.domainSetVcpu(connection, domain, '1', 1));
      await answered(l.domainStartDirtyRateCalc(connection, domain, 1));
      await answered(l.domainPmSuspendForDuration(connection, domain, l.NodeSuspendTarget.Mem, 0n));
      await answered(l.domainPmWakeup(connection, domain));
      await answered(l.domainAbortJob(connection, domain));
      await answered(l.domainAbortJobFlags(connection, domain));
      await answered(l.domainSetLaunchSecurityState(connection, domain, { 'sev-secret': 'x' }));
      (await l.domainOpenConsole(connection, domain)).destroy();
      await answered(l.domainOpenChannel(connection, domain).then((stream) => stream.destroy()));
    },
  ],
  [
    'is saved with parameters',
    async (c) => {
      const { connection, directory } = c;
      const file = join(directory, 'q.save');
      await l.domainSaveParams(connection, await q(c), { file });
      await l.domainRestoreParams(connection, { file });
      await l.domainManagedSave(connection, await q(c));
      await l.domainManagedSaveDefineXml(
        connection,
        await q(c),
        await l.domainManagedSaveGetXmlDesc(connection, await q(c)),
      );
      await l.domainCreate(connection, await q(c));
    },
  ],
];

export const QEMU_MIGRATION: CallTable = [
  [
    'is tuned',
    async (c) => {
      const [connection, domain] = [c.connection, await q(c)];
      await l.domainMigrateSetMaxSpeed(connection, domain, 64n);
      expect(await l.domainMigrateGetMaxSpeed(connection, domain)).toBe(64n);
      await l.domainMigrateSetMaxDowntime(connection, domain, 100n);
      expect(await l.domainMigrateGetMaxDowntime(connection, domain)).toBe(100n);
      await answered(l.domainMigrateGetCompressionCache(connection, domain));
      await answered(l.domainMigrateSetCompressionCache(connection, domain, 67108864n));
      await answered(l.domainMigrateStartPostCopy(connection, domain));
    },
  ],
  [
    'takes every step of its protocol',
    async (c) => {
      const [connection, domain] = [c.connection, await q(c)];
      // Each step on its own is refused, and the domain stays what it was.
      const params = { destination_name: 'moved', migrate_uri: 'tcp:127.0.0.1:1', destination_xml: '<domain/>' };
      const { xml: described, cookieOut } = await l.domainMigrateBegin3Params(
        connection,
        domain,
        {},
        l.DomainMigrateFlags.Live | l.DomainMigrateFlags.Unsafe,
      );
      expect(described).toContain(domain.uuid);
      await answered(l.domainMigratePrepare3Params(connection, params, cookieOut));
      await answered(
        l.domainMigratePerform3Params(
          connection,
          domain,
          'qemu+tcp://127.0.0.1:1/system',
          params,
          cookieOut,
          l.DomainMigrateFlags.Peer2peer,
        ),
      );
      await answered(l.domainMigrateFinish3Params(connection, params, cookieOut, 0, 1));
      await answered(l.domainMigrateConfirm3Params(connection, domain, {}, cookieOut, 0, 1));
      await answered(l.domainMigrateBegin3(connection, domain, undefined, 1n, undefined, 0n));
      await answered(l.domainMigrateConfirm3(connection, domain, cookieOut, 1n, 1));
      await answered(
        l.domainMigratePrepareTunnel3Params(connection, params, cookieOut).then(({ stream }) => stream.destroy()),
      );
    },
  ],
  [
    'is removed',
    async (c) => {
      await l.domainDestroy(c.connection, await q(c));
      await l.domainUndefineFlags(c.connection, await q(c), l.DomainUndefineFlags.ManagedSave);
    },
  ],
];
