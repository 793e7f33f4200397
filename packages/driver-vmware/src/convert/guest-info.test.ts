import { expect, test } from '@jest/globals';
import type { GuestInfo as NativeGuest } from '@virt-drivers/vsphere';
import { familyOf, toGuestInfo, toInterfaces } from './guest-info.js';

const guest: NativeGuest = {
  guestFamily: 'linuxGuest',
  guestFullName: 'Debian GNU/Linux 12 (64-bit)',
  hostName: 'web-1',
  toolsVersion: '12352',
  guestState: 'running',
  disk: [{ diskPath: '/', capacity: 100n, freeSpace: 30n }, { diskPath: '/boot' }, { capacity: 1n }],
};

test('what Tools tell is told, and what they do not tell is absent', () => {
  expect(toGuestInfo(guest)).toEqual({
    family: 'linux',
    osName: 'Debian GNU/Linux 12 (64-bit)',
    hostname: 'web-1',
    agentVersion: '12352',
    fileSystems: [
      { mountPoint: '/', type: 'unknown', totalBytes: 100n, usedBytes: 70n },
      { mountPoint: '/boot', type: 'unknown' },
    ],
  });
  expect([familyOf('windowsGuest'), familyOf('solarisGuest'), familyOf(undefined)]).toEqual([
    'windows',
    'other',
    'other',
  ]);
});

test('interfaces have their addresses with prefixes, and hardware addresses in small letters', () => {
  const ipConfig = { ipAddress: [{ ipAddress: '10.0.0.5', prefixLength: 24 }] };
  expect(
    toInterfaces([
      { network: 'VM Network', macAddress: '00:50:56:AA:00:01', connected: true, deviceConfigId: 4000, ipConfig },
      { connected: true, deviceConfigId: 4001 },
      { connected: true, deviceConfigId: -1 },
    ]),
  ).toEqual([
    { name: 'VM Network', macAddress: '00:50:56:aa:00:01', addresses: [{ address: '10.0.0.5', prefixLength: 24 }] },
    { name: 'nic-4001', addresses: [] },
    { name: 'virtual', addresses: [] },
  ]);
});
