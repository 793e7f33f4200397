import { describe, expect, it } from '@jest/globals';
import { diskId, hostId, isDriverError, mebibytes, networkId, poolId } from '@virt-drivers/core';
import { readFileSync } from 'node:fs';
import { domainXml, type DomainPlan } from './domain-xml.js';
import { toMachine } from './machine-xml.js';
import { readNote, readRecord } from './metadata.js';
import { child, children, parseXml } from './xml.js';

const golden = (name: string): string =>
  readFileSync(new URL(`../../test/golden/${name}`, import.meta.url), 'utf8').trim();

const plan: DomainPlan = {
  uuid: '5863a381-cf4f-4250-ad69-735dfd2061b0',
  nativeName: 'vd-5863a381-cf4f-4250-ad69-735dfd2061b0',
  type: 'kvm',
  architecture: 'x86_64',
  machineType: 'q35',
  cpuMode: 'host-model',
  graphics: 'vnc',
  spec: {
    name: 'web & <co> "1" \u{1F98A}',
    description: 'first line\nsecond line',
    cpu: {
      count: 2,
      maximumCount: 4,
      topology: { sockets: 1, cores: 2, threads: 1 },
      weight: 500,
      limitMillicores: 1500,
    },
    memory: { sizeBytes: mebibytes(512), maximumBytes: mebibytes(1024) },
    boot: { firmware: 'bios', order: ['disk'] },
    record: { owner: 'instance-1', body: { text: ']]> & \u0000 \u2028 \uFFFE' } },
  },
  recordRevision: 'r1',
  note: { createdAt: new Date('2026-01-02T03:04:05.678Z'), clientToken: 't1', specHash: 'h1', bootOrder: ['disk'] },
  disks: [
    {
      id: diskId('ua-disk-1'),
      device: 'disk',
      bus: 'paravirtual',
      target: 'vda',
      readOnly: false,
      shared: false,
      serial: 'root',
      bootOrder: 1,
      chain: [
        { path: '/pool/a.qcow2', format: 'qcow2', store: 'file' },
        { path: '/pool/base.qcow2', format: 'qcow2', store: 'file' },
      ],
    },
    {
      id: diskId('ua-disk-2'),
      device: 'media',
      bus: 'scsi',
      target: 'sda',
      readOnly: true,
      shared: false,
      chain: [{ path: '/pool/c.iso', format: 'iso', store: 'file' }],
    },
  ],
  nics: [
    { network: networkId('network:default'), macAddress: '52:54:00:00:00:01', model: 'paravirtual', linkUp: false },
  ],
  consoleLog: '/pool/vd-5863a381-cf4f-4250-ad69-735dfd2061b0.console.log',
};

const circumstances = {
  native: { state: 5, reason: 0 },
  saved: false,
  host: hostId('h'),
  locate: (path: string) => ({ pool: poolId('pool'), key: path.replace('/pool/', '') }),
};

describe('the document of a new machine', () => {
  it('is the golden one', () => expect(domainXml(plan).replaceAll('><', '>\n<')).toBe(golden('domain-q35.xml')));

  it('reads back as the machine that was asked for', () => {
    const { spec, note } = plan;
    const machine = toMachine(parseXml(domainXml(plan)), circumstances);
    expect(machine).toMatchObject({
      id: plan.uuid,
      name: spec.name,
      description: spec.description,
      state: 'stopped',
      cpu: spec.cpu,
      memory: spec.memory,
      boot: spec.boot,
      recordOwner: 'instance-1',
      createdAt: note.createdAt,
    });
    expect(machine.disks.map(({ volume, device, bus }) => [volume?.key, device, bus])).toEqual([
      ['a.qcow2', 'disk', 'paravirtual'],
      ['c.iso', 'media', 'scsi'],
    ]);
    expect(machine.nics).toEqual([{ id: '52:54:00:00:00:01', ...plan.nics[0] }]);
  });

  it('carries note and record', () => {
    const domain = parseXml(domainXml(plan));
    expect(readNote(domain)).toEqual(plan.note);
    const record = children(child(domain, 'metadata'))[1];
    expect(record && readRecord(record)).toEqual({ ...plan.spec.record, revision: 'r1' });
  });

  it('tells every chain to its end', () => {
    for (const disk of children(child(parseXml(domainXml(plan)), 'devices'), 'disk')) {
      let at = child(disk, 'backingStore');
      while (at && children(at).length > 0) at = child(at, 'backingStore');
      expect(at).toBeDefined();
    }
  });

  it('refuses text that XML cannot carry', () => {
    const refused = (name: string): string => {
      try {
        return domainXml({ ...plan, spec: { ...plan.spec, name } });
      } catch (error) {
        return isDriverError(error) ? error.code : String(error);
      }
    };
    expect(['a\u0000b', 'a\u001bb', 'a\ud800b', 'a\uFFFEb'].map(refused)).toEqual(Array(4).fill('REQUEST.INVALID'));
  });
});

it('reads a machine that others made', () => {
  const machine = toMachine(parseXml(golden('foreign.xml')), { ...circumstances, native: { state: 3, reason: 1 } });
  expect(machine).toMatchObject({
    name: 'debian12',
    state: 'paused',
    cpu: { count: 2 },
    memory: { sizeBytes: mebibytes(2048) },
    boot: { firmware: 'uefi', secureBoot: true },
    disks: [{ id: 'sda', device: 'disk', bus: 'sata', readOnly: false }],
    nics: [{ network: 'bridge:br0', model: 'emulated', linkUp: true, limits: { receive: 8_192_000n } }],
  });
  expect(machine.recordOwner).toBeUndefined();
});
