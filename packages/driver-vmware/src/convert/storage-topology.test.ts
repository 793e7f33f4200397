import { expect, test } from '@jest/globals';
import type { HostStorageDeviceInfo } from '@virt-drivers/vsphere';
import { findUnit, plainWwpn, toWwpn } from './storage-topology.js';

test('names of ports are sixteen digits, however they are written', () => {
  expect(toWwpn(0x2100_f4e9_d455_6677n)).toBe('2100f4e9d4556677');
  expect(toWwpn(0x0100n)).toBe('0000000000000100');
  // The wire has them as signed numbers.
  expect(toWwpn(-1n)).toBe('f'.repeat(16));
  for (const text of ['21:00:F4:E9:D4:55:66:77', '0x2100f4e9d4556677', '2100f4e9-d4556677'])
    expect(plainWwpn(text)).toBe('2100f4e9d4556677');
});

const disk = (key: string) =>
  ({
    $type: 'HostScsiDisk',
    deviceName: `/vmfs/devices/disks/${key}`,
    deviceType: 'disk',
    key,
    uuid: `uuid-${key}`,
    lunType: 'disk',
    operationalState: ['ok'],
    capacity: { blockSize: 512, block: 8n },
    devicePath: key,
  }) as const;
const target = (name: string, lun: number, scsiLun: string) => ({
  key: name,
  target: 0,
  transport: { $type: 'HostInternetScsiTargetTransport', iScsiName: name, iScsiAlias: '' } as const,
  lun: [{ key: `${name}-${lun}`, lun, scsiLun }],
});
const info: HostStorageDeviceInfo = {
  softwareInternetScsiEnabled: true,
  scsiLun: [disk('a'), disk('b')],
  scsiTopology: {
    adapter: [
      { key: 'k', adapter: 'h', target: [target('t1', 1, 'a'), target('t2', 1, 'b'), target('t3', 1, 'gone')] },
    ],
  },
};

test.each([
  ['t1', 1, { reached: true, disk: disk('a') }],
  ['t2', 1, { reached: true, disk: disk('b') }],
  ['t2', 2, { reached: true }],
  ['t3', 1, { reached: true }],
  ['t4', 1, { reached: false }],
] as const)('unit %s/%i', (name, lun, found) => {
  const isMeant = (transport: { readonly iScsiName?: string }) => transport.iScsiName === name;
  expect(findUnit(info, (transport) => 'iScsiName' in transport && isMeant(transport), lun)).toEqual(found);
});

test('a host without anything has nothing', () => {
  expect(findUnit({ softwareInternetScsiEnabled: false }, () => true, 0)).toEqual({ reached: false });
});
