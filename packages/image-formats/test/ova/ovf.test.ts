import { describe, expect, test } from '@jest/globals';
import { parseOvf } from '../../src/index.js';
import { ovf } from '@virt-drivers/image-corpus';

const controller = (subType: string, type: string): string =>
  `<Item><rasd:Address>0</rasd:Address><rasd:InstanceID>9</rasd:InstanceID><rasd:ResourceSubType>${subType}</rasd:ResourceSubType><rasd:ResourceType>${type}</rasd:ResourceType></Item>`;

describe('parseOvf', () => {
  test('reads machine and hardware', () => {
    const { name, hardware } = parseOvf(ovf());
    expect(name).toBe('web 1');
    expect(hardware).toEqual({
      cpuCount: 2,
      memoryBytes: 536_870_912n,
      nics: [{ network: 'lan', model: 'VmxNet3' }],
      firmware: 'efi',
      guest: { id: 94, name: 'ubuntu64Guest' },
    });
  });

  test('reads a disk', () => {
    const lies = { size: '77', capacity: '3', units: 'byte * 2^30', populated: '1024' };
    expect(parseOvf(ovf({ disks: [lies] })).disks).toEqual([
      {
        id: 'vmdisk0',
        file: { id: 'file0', href: 'disk0.vmdk', sizeBytes: 77n },
        capacityBytes: 3_221_225_472n,
        capacityUnitBytes: 1_073_741_824n,
        populatedBytes: 1_024n,
        format: 'vmdk',
        controller: { kind: 'pvscsi', busNumber: 0 },
        unitNumber: 0,
      },
    ]);
  });

  test.each([
    ['byte', 1n],
    ['byte * 2^10', 1_024n],
    ['byte*2^40', 1_099_511_627_776n],
    ['byte * 10^9', 1_000_000_000n],
    ['byte * 1024', 1_024n],
    ['GigaBytes', 1_073_741_824n],
  ])('understands the unit "%s"', (units, expected) => {
    expect(parseOvf(ovf({ disks: [{ capacity: '1', units }] })).disks[0]?.capacityBytes).toBe(expected);
  });

  test.each([
    ['lsilogic', '6', 'lsilogic'],
    ['lsilogicsas', '6', 'lsisas1068'],
    ['buslogic', '6', 'buslogic'],
    ['VirtualSCSI', '6', 'pvscsi'],
    ['', '6', 'lsilogic'],
    ['something', '6', 'other'],
    ['PIIX4', '5', 'ide'],
    ['AHCI', '20', 'sata'],
    ['vmware.sata.ahci', '20', 'sata'],
    ['vmware.nvme.controller', '20', 'nvme'],
  ])('knows the controller %s of type %s', (subType, type, kind) => {
    const { disks } = parseOvf(ovf({ hardware: controller(subType, type), disks: [{ parent: '9' }] }));
    expect(disks[0]?.controller).toEqual({ kind, busNumber: 0 });
  });

  test('reads the elements of its own name spaces only', () => {
    const foreign = '<x:File xmlns:x="urn:other" id="f" href="../../x"/>';
    expect(parseOvf(ovf({ references: foreign })).files).toHaveLength(1);
  });
});
