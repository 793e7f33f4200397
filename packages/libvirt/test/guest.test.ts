import { on } from 'node:events';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import {
  connectGetAllDomainStats,
  domainDefineXmlFlags,
  domainCreateWithFlags,
  domainDestroyFlags,
  domainEvents,
  DomainEventType,
  domainFsfreeze,
  domainFsthaw,
  domainGetGuestInfo,
  domainGetState,
  domainGetXmlDesc,
  domainManagedSave,
  domainOpenConsole,
  domainResume,
  domainScreenshot,
  domainSendKey,
  domainSnapshotCreateXml,
  domainSnapshotDelete,
  domainSnapshotGetXmlDesc,
  domainListAllSnapshots,
  DomainSnapshotCreateFlags,
  DomainState,
  domainSuspend,
  domainUndefineFlags,
  DomainUndefineFlags,
  openConnection,
  qemuDomainAgentCommand,
  qemuDomainMonitorCommand,
  type Connection,
  type Domain,
  type EventStream,
  type DomainEventOf,
} from '../src/index.js';
import { guestDomainXml } from './guest-domain.js';
import { describeOnPeer } from './on-peer.js';

jest.setTimeout(60_000);

async function readUntil(console: Duplex, text: string): Promise<string> {
  let seen = '';
  const deadline = AbortSignal.timeout(45_000);
  for await (const [chunk] of on(console, 'data', { signal: deadline })) {
    seen += String(chunk);
    if (seen.includes(text)) return seen;
  }
  return seen;
}

await describeOnPeer('a real guest', (peer) => {
  let connection: Connection;
  let guest: Domain;
  let events: EventStream<DomainEventOf<'lifecycle' | 'agentLifecycle'>>;
  let serial: Duplex;
  beforeAll(async () => {
    connection = await openConnection(peer.uri);
    guest = await domainDefineXmlFlags(connection, await guestDomainXml(peer, 'guest'));
    events = await domainEvents(connection, ['lifecycle', 'agentLifecycle']);
    await domainCreateWithFlags(connection, guest);
    serial = await domainOpenConsole(connection, guest);
    await readUntil(serial, 'ready uptime=');
  }, 60_000);
  afterAll(async () => {
    await connection.close();
  });

  it('tells of its start and of its agent', async () => {
    const expected = new Set(['started', 'agent']);
    for await (const event of events) {
      expect(event).not.toHaveProperty('callbackId');
      if (event.kind === 'agentLifecycle') expected.delete('agent');
      else if (event.kind === 'lifecycle' && event.event === DomainEventType.Started) expected.delete('started');
      if (expected.size === 0) break;
    }
  });

  it('speaks both ways on its serial console', async () => {
    const login = readUntil(serial, 'login:');
    serial.write('\n');
    expect(await login).toContain('login:');
  });

  it('shows its screen', async () => {
    const { stream, result } = await domainScreenshot(connection, guest, 0);
    const picture = Buffer.concat(await stream.toArray());
    expect(result).toMatch(/^image\//);
    expect(picture.length).toBeGreaterThan(1000);
    await domainSendKey(connection, guest, 0, 50, [30]);
  });

  it('answers through its agent and its monitor', async () => {
    const answer = await qemuDomainAgentCommand(connection, guest, '{"execute":"guest-ping"}', 10);
    expect(JSON.parse(answer ?? '')).toEqual({ return: {} });
    expect(await qemuDomainMonitorCommand(connection, guest, '{"execute":"query-status"}')).toContain('running');
    expect(await domainFsfreeze(connection, guest, [])).toBeGreaterThan(0);
    expect(await domainFsthaw(connection, guest, [])).toBeGreaterThan(0);
    expect(await domainGetGuestInfo(connection, guest, 0)).toHaveProperty(['os.id']);
  });

  it('is suspended, resumed, measured and snapshotted', async () => {
    await domainSuspend(connection, guest);
    expect((await domainGetState(connection, guest)).state).toBe(DomainState.Paused);
    await domainResume(connection, guest);
    const [stats] = await connectGetAllDomainStats(connection, [guest], 0);
    expect(stats?.params['vcpu.current']).toBe(1);
    expect(typeof stats?.params['block.0.capacity']).toBe('bigint');
    const flags = DomainSnapshotCreateFlags.DiskOnly | DomainSnapshotCreateFlags.NoMetadata;
    await domainSnapshotCreateXml(connection, guest, '<domainsnapshot><name>outer</name></domainsnapshot>', flags);
    expect(await domainGetXmlDesc(connection, guest)).toContain('guest.outer');
    const inner = await domainSnapshotCreateXml(
      connection,
      guest,
      '<domainsnapshot><name>inner</name></domainsnapshot>',
    );
    expect((await domainListAllSnapshots(connection, guest)).map(({ name }) => name)).toEqual(['inner']);
    expect(await domainSnapshotGetXmlDesc(connection, inner)).toContain('<name>inner</name>');
    await domainSnapshotDelete(connection, inner);
  });

  it('is saved, restored and removed', async () => {
    await domainManagedSave(connection, guest);
    expect((await domainGetState(connection, guest)).state).toBe(DomainState.Shutoff);
    await domainCreateWithFlags(connection, guest);
    await domainDestroyFlags(connection, guest);
    await domainUndefineFlags(connection, guest, DomainUndefineFlags.ManagedSave | DomainUndefineFlags.Nvram);
    await expect(domainGetState(connection, guest)).rejects.toMatchObject({ code: 'NO_DOMAIN' });
  });
});
