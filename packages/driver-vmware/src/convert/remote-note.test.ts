import { expect, test } from '@jest/globals';
import type { AnyVirtualDevice } from '@virt-drivers/vsphere';
import { backingsOf, noteOfDevice, readRemoteNotes, remoteKey, remoteSetting, type RemoteNote } from './remote-note.js';

const note: RemoteNote = {
  machine: '5021-a',
  protocol: 'iscsi',
  identity: 'iscsi iqn.2026-01.org.example:"t" 1',
  door: 'iscsi iqn.2026-01.org.example:"t"',
  backing: '0200aa',
  hosts: ['host-9'],
  made: ['host-9 192.0.2.9:3260'],
};
const raw: AnyVirtualDevice = {
  $type: 'VirtualDisk',
  key: 2000,
  capacityInKB: 1n,
  backing: { $type: 'VirtualDiskRawDiskMappingVer1BackingInfo', fileName: '[s] m/x.vmdk', lunUuid: '0200aa' },
};

test('a note is what was written, and a clone’s copy is nobody’s', () => {
  const settings = new Map([remoteSetting(note), ['other', 'x']]);
  expect([...settings.keys()][0]).toBe(remoteKey(note.identity));
  expect(readRemoteNotes(settings, '5021-a')).toEqual([note]);
  expect(readRemoteNotes(settings, '5021-b')).toEqual([]);
  expect(readRemoteNotes(settings)).toEqual([note]);
});

test.each(['', 'null', '{', '[]', '{"machine":"5021-a"}', '%zz'])('what is no note (%s) is none', (text) => {
  expect(readRemoteNotes(new Map([[remoteKey('x'), text]]), '5021-a')).toEqual([]);
});

test('a device is known by its unit, its object or any file that it continues', () => {
  expect(backingsOf(raw)).toEqual(['[s] m/x.vmdk', '0200aa']);
  expect(noteOfDevice([note], raw)).toBe(note);
  expect(noteOfDevice([{ ...note, backing: '' }], raw)).toBeUndefined();
  const file = { $type: 'VirtualDiskFlatVer2BackingInfo', diskMode: 'persistent' } as const;
  const continued: AnyVirtualDevice = {
    ...raw,
    vDiskId: { id: 'object-1' },
    backing: { ...file, fileName: '[s] m/x-1.vmdk', parent: { ...file, fileName: '[s] m/x.vmdk' } },
  };
  expect(backingsOf(continued)).toEqual(['[s] m/x-1.vmdk', '[s] m/x.vmdk', 'object-1']);
  expect(backingsOf({ $type: 'VirtualCdrom', key: 1 })).toEqual([]);
});
