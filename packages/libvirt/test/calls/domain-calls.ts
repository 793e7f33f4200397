import { join } from 'node:path';
import { expect } from '@jest/globals';
import * as l from '../../src/index.js';
import { answered, refused, type CallContext, type CallTable } from './call-table.js';

const other = (c: CallContext): Promise<l.Domain> => l.domainLookupByName(c.connection, 'other');
const xml = (name: string): string =>
  `<domain type="test"><name>${name}</name><memory>65536</memory><os><type>hvm</type></os></domain>`;
const ONE = Buffer.from([1]);

/** Life of a domain, on libvirt's test driver. */
export const LIFECYCLE: CallTable = [
  [
    'looks up',
    async ({ connection: c, domain }) => {
      expect(await l.domainLookupByName(c, domain.name)).toEqual(domain);
      expect(await l.domainLookupByUuid(c, domain.uuid)).toEqual(domain);
      expect(await l.domainLookupById(c, domain.id)).toEqual(domain);
    },
  ],
  [
    'defines',
    async (c) => {
      await l.domainDefineXml(c.connection, xml('other'));
      await l.domainDefineXmlFlags(c.connection, xml('third'));
      await l.domainRename(c.connection, await l.domainLookupByName(c.connection, 'third'), 'fourth');
      await l.domainUndefineFlags(c.connection, await l.domainLookupByName(c.connection, 'fourth'));
      await l.domainUndefine(c.connection, await l.domainDefineXml(c.connection, xml('fifth')));
    },
  ],
  [
    'starts and stops',
    async (c) => {
      await l.domainCreate(c.connection, await other(c));
      await l.domainShutdown(c.connection, await other(c));
      await l.domainCreateWithFlags(c.connection, await other(c));
      await l.domainShutdownFlags(c.connection, await other(c));
      await l.domainCreateWithFlags(c.connection, await other(c));
      await l.domainDestroy(c.connection, await other(c));
      await l.domainDestroyFlags(c.connection, await l.domainCreateXml(c.connection, xml('transient')));
    },
  ],
  [
    'suspends, resets, reboots',
    async ({ connection: c, domain }) => {
      await l.domainSuspend(c, domain);
      await l.domainResume(c, domain);
      await l.domainReset(c, domain);
      await l.domainReboot(c, domain);
      await answered(l.domainResume(c, domain));
      await l.domainInjectNmi(c, domain);
      await l.domainSendKey(c, domain, l.KeycodeSet.Linux, 0, [30, 31]);
      await refused(
        l.domainSendProcessSignal(c, domain, 1n, l.DomainProcessSignal.Hup),
        'success',
        'OPERATION_INVALID',
        'INVALID_ARG',
      );
    },
  ],
  [
    'saves and restores',
    async (c) => {
      const { connection } = c;
      const [first, second] = ['a.save', 'b.save'].map((name) => join(c.directory, name)) as [string, string];
      await l.domainSave(connection, await l.domainCreateWithFlags(connection, await other(c)), first);
      await l.domainSaveImageGetXmlDesc(connection, first);
      await l.domainSaveImageDefineXml(connection, first, await l.domainSaveImageGetXmlDesc(connection, first));
      await l.domainRestore(connection, first);
      await l.domainSaveFlags(connection, await other(c), second);
      await l.domainRestoreFlags(connection, second);
      await l.domainManagedSave(connection, await other(c));
      expect(await l.domainHasManagedSaveImage(connection, await other(c))).toBe(1);
      await l.domainManagedSaveRemove(connection, await other(c));
      await answered(l.domainCoreDump(connection, c.domain, join(c.directory, 'core'), l.DomainCoreDumpFlags.Live));
      await answered(
        l.domainCoreDumpWithFormat(connection, c.domain, join(c.directory, 'core2'), 0, l.DomainCoreDumpFlags.Live),
      );
    },
  ],
  [
    'shows its screen',
    async ({ connection: c, domain }) => {
      const { stream, result } = await l.domainScreenshot(c, domain, 0);
      expect(Buffer.concat(await stream.toArray()).length).toBeGreaterThan(100);
      expect(result).toMatch(/^image/);
    },
  ],
];

/** What is asked and set on a running domain. */
export const PROPERTIES: CallTable = [
  [
    'asks for its state',
    async ({ connection: c, domain }) => {
      expect(await l.domainIsActive(c, domain)).toBe(1);
      expect(await l.domainIsPersistent(c, domain)).toBe(1);
      expect(await l.domainIsUpdated(c, domain)).toBe(0);
      expect((await l.domainGetState(c, domain)).state).toBe(l.DomainState.Running);
      expect((await l.domainGetInfo(c, domain)).nrVirtCpu).toBe(2);
      expect(await l.domainGetOsType(c, domain)).toBe('linux');
      expect(await l.domainGetXmlDesc(c, domain)).toContain(domain.uuid);
      await l.domainGetControlInfo(c, domain);
      await l.domainGetMessages(c, domain);
      await l.domainGetDiskErrors(c, domain);
      await l.domainGetSecurityLabel(c, domain);
      await answered(l.domainGetHostname(c, domain, l.DomainGetHostnameFlags.Lease));
      await l.domainGetTime(c, domain);
      await l.domainSetTime(c, domain, 1_000_000n, 0);
      await l.domainGetFsinfo(c, domain);
      await answered(l.domainGetLaunchSecurityInfo(c, domain));
      await answered(l.domainSetUserPassword(c, domain, 'root', 'secret'));
    },
  ],
  [
    'sets processors',
    async ({ connection: c, domain }) => {
      expect(await l.domainGetMaxVcpus(c, domain)).toBeGreaterThan(0);
      expect(await l.domainGetVcpusFlags(c, domain)).toBe(2);
      await l.domainSetVcpus(c, domain, 2);
      await l.domainSetVcpusFlags(c, domain, 2, l.DomainVcpuFlags.Config);
      await l.domainPinVcpu(c, domain, 0, ONE);
      await l.domainPinVcpuFlags(c, domain, 0, ONE);
      expect((await l.domainGetVcpuPinInfo(c, domain, 2, 1)).num).toBe(2);
      expect((await l.domainGetVcpus(c, domain, 2, 1)).info).toHaveLength(2);
      await l.domainPinEmulator(c, domain, ONE);
      await l.domainGetEmulatorPinInfo(c, domain, 1);
      await l.domainAddIothread(c, domain, 7);
      await answered(l.domainSetIothreadParams(c, domain, 7, { poll_max_ns: 1000n }));
      await answered(l.domainPinIothread(c, domain, 7, ONE));
      expect(await l.domainGetIothreadInfo(c, domain)).toEqual([expect.objectContaining({ iothreadId: 7 })]);
      await l.domainDelIothread(c, domain, 7);
      expect((await l.domainGetCpuStats(c, domain, 2, -1, 1)).params.length).toBeGreaterThan(0);
    },
  ],
  [
    'sets memory',
    async ({ connection: c, domain }) => {
      expect(await l.domainGetMaxMemory(c, domain)).toBeGreaterThan(0n);
      await answered(l.domainSetMaxMemory(c, domain, 8388608n));
      await l.domainSetMemory(c, domain, 1048576n);
      await l.domainSetMemoryFlags(c, domain, 1048576n, l.DomainMemoryModFlags.Live);
      await answered(l.domainSetMemoryStatsPeriod(c, domain, 2));
      await l.domainMemoryStats(c, domain);
      expect(await l.domainMemoryPeek(c, domain, 0n, 16, l.DomainMemoryFlags.Physical)).toHaveLength(16);
      await l.domainSetMemoryParameters(c, domain, { hard_limit: 4194304n });
      expect((await l.domainGetMemoryParameters(c, domain))['hard_limit']).toBe(4194304n);
    },
  ],
  [
    'sets tuning',
    async ({ connection: c, domain }) => {
      await l.domainGetSchedulerType(c, domain);
      await l.domainGetSchedulerParameters(c, domain);
      // QUIRK(libvirt 9.0): the test driver refuses the flag that the daemon itself adds.
      await refused(l.domainGetSchedulerParametersFlags(c, domain), 'INVALID_ARG');
      await l.domainSetSchedulerParameters(c, domain, { weight: 50 });
      await answered(l.domainSetSchedulerParametersFlags(c, domain, { weight: 50 }));
      await l.domainSetBlkioParameters(c, domain, { weight: 500 });
      expect((await l.domainGetBlkioParameters(c, domain))['weight']).toBe(500);
      await answered(l.domainSetNumaParameters(c, domain, { numa_mode: 0 }));
      await l.domainGetNumaParameters(c, domain);
      await l.domainSetPerfEvents(c, domain, { cmt: true });
      expect((await l.domainGetPerfEvents(c, domain))['cmt']).toBe(true);
      await answered(l.domainSetLifecycleAction(c, domain, l.DomainLifecycle.Crash, l.DomainLifecycleAction.Restart));
      await l.domainSetAutostart(c, domain, 1);
      expect(await l.domainGetAutostart(c, domain)).toBe(1);
    },
  ],
  [
    'reads and limits disks and interfaces',
    async ({ connection: c, domain }) => {
      await answered(l.domainBlockStats(c, domain, 'vda'));
      await answered(l.domainGetBlockInfo(c, domain, 'vda'));
      await answered(l.domainSetBlockIoTune(c, domain, 'vda', { total_bytes_sec: 1048576n }));
      await answered(l.domainGetBlockIoTune(c, domain, 'vda'));
      await answered(l.domainInterfaceStats(c, domain, 'testnet0'));
      await answered(l.domainSetInterfaceParameters(c, domain, 'testnet0', { 'inbound.average': 100 }));
      await answered(l.domainGetInterfaceParameters(c, domain, 'testnet0'));
      await l.domainInterfaceAddresses(c, domain, l.DomainInterfaceAddressesSource.Lease);
      await l.domainFsfreeze(c, domain, []);
      await l.domainFsthaw(c, domain, []);
      await answered(l.domainFstrim(c, domain, undefined, 0n));
    },
  ],
  [
    'keeps metadata exactly',
    async ({ connection: c, domain }) => {
      const title = 'a < b & "c" \u{1f600}';
      await l.domainSetMetadata(c, domain, l.DomainMetadataType.Title, title);
      expect(await l.domainGetMetadata(c, domain, l.DomainMetadataType.Title)).toBe(title);
      await refused(l.domainGetMetadata(c, domain, l.DomainMetadataType.Description), 'NO_DOMAIN_METADATA');
    },
  ],
];

export const SNAPSHOTS: CallTable = [
  [
    'snapshots',
    async (c) => {
      const { connection, domain } = c;
      const parent = await l.domainSnapshotCreateXml(
        connection,
        domain,
        '<domainsnapshot><name>parent</name></domainsnapshot>',
      );
      const child = await l.domainSnapshotCreateXml(
        connection,
        domain,
        '<domainsnapshot><name>child</name></domainsnapshot>',
      );
      expect(await l.domainSnapshotNum(connection, domain)).toBe(2);
      expect([...(await l.domainSnapshotListNames(connection, domain))].sort()).toEqual(['child', 'parent']);
      expect(await l.domainListAllSnapshots(connection, domain)).toHaveLength(2);
      expect(await l.domainHasCurrentSnapshot(connection, domain)).toBe(1);
      expect((await l.domainSnapshotCurrent(connection, domain)).name).toBe('child');
      expect(await l.domainSnapshotIsCurrent(connection, child)).toBe(1);
      expect(await l.domainSnapshotHasMetadata(connection, child)).toBe(1);
      expect((await l.domainSnapshotGetParent(connection, child)).name).toBe('parent');
      expect(await l.domainSnapshotNumChildren(connection, parent)).toBe(1);
      expect(await l.domainSnapshotListChildrenNames(connection, parent)).toEqual(['child']);
      expect(await l.domainSnapshotListAllChildren(connection, parent)).toEqual([child]);
      expect(await l.domainSnapshotLookupByName(connection, domain, 'child')).toEqual(child);
      expect(await l.domainSnapshotGetXmlDesc(connection, child)).toContain('child');
      await l.domainRevertToSnapshot(connection, child);
      await l.domainSnapshotDelete(connection, parent, l.DomainSnapshotDeleteFlags.Children);
    },
  ],
  [
    'checkpoints',
    async (c) => {
      const { connection, domain } = c;
      const parent = await l.domainCheckpointCreateXml(
        connection,
        domain,
        '<domaincheckpoint><name>one</name></domaincheckpoint>',
      );
      const child = await l.domainCheckpointCreateXml(
        connection,
        domain,
        '<domaincheckpoint><name>two</name></domaincheckpoint>',
      );
      expect(await l.domainListAllCheckpoints(connection, domain)).toHaveLength(2);
      expect(await l.domainCheckpointListAllChildren(connection, parent)).toEqual([child]);
      expect((await l.domainCheckpointGetParent(connection, child)).name).toBe('one');
      expect(await l.domainCheckpointLookupByName(connection, domain, 'two')).toEqual(child);
      expect(await l.domainCheckpointGetXmlDesc(connection, child)).toContain('two');
      await l.domainCheckpointDelete(connection, parent, l.DomainCheckpointDeleteFlags.Children);
    },
  ],
];
