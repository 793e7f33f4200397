import { describe, expect, it } from '@jest/globals';
import {
  fabricOf,
  identityOf,
  leadsTo,
  loginName,
  loginsAt,
  loginXml,
  portalText,
  readLogin,
  readUnitPath,
  readUnits,
  renameDevice,
  unitIdentity,
  UNITS_NAMESPACE,
  unitsXml,
  type NotedUnit,
} from './host-unit.js';
import { child, children, parseXml } from './xml.js';

const target = 'iqn.2026-01.invalid.example:a-iscsi-b';
const portals = [
  { host: '10.0.0.1', port: 3260 },
  { host: 'fd00::2', port: 3261 },
];
const mapped: NotedUnit = {
  device: '/dev/disk/by-id/dm-uuid-mpath-36',
  target,
  lun: 3,
  portals,
  multipath: true,
  account: { user: 'u<&', secretUuid: '0f0e' },
};
const plain: NotedUnit = { device: '', target, lun: 0, portals: portals.slice(0, 1), multipath: false };

/** As libvirt keeps it: with its prefix on the root only. */
const documentWith = (units: readonly NotedUnit[]) =>
  parseXml(
    `<domain><metadata>${unitsXml(units)
      .replace('<units', `<vdu:units xmlns:vdu="${UNITS_NAMESPACE}"`)
      .replace('</units>', '</vdu:units>')}</metadata>
      <devices><disk type='block'><source dev='${mapped.device}'/><target dev='vda' bus='virtio'/></disk>
      <disk type='block'><source dev='/dev/vg/one'/><target dev='vdb' bus='virtio'/></disk>
      <disk type='network'><source protocol='iscsi' name='${target}/3'><host name='10.0.0.1'/></source>
      <target dev='vdc' bus='virtio'/></disk></devices></domain>`,
  );

describe('units of the host', () => {
  it('are read as they were noted', () => {
    expect(readUnits(documentWith([mapped, plain]))).toEqual([mapped, plain]);
    expect(readUnits(parseXml('<domain><metadata/></domain>'))).toEqual([]);
  });

  it('are the same volume, whoever logs in, and no other disk is one', () => {
    const document = documentWith([plain, mapped]);
    const disks = children(child(document, 'devices'), 'disk');
    const identities = disks.map((disk) => identityOf(readUnits(document), disk));
    expect(identities).toEqual([unitIdentity(mapped), undefined, unitIdentity(mapped)]);
  });

  it('move to another device with their disk', () => {
    const document = documentWith([plain, mapped]);
    renameDevice(document, mapped.device, '/dev/new');
    expect(readUnits(document)).toEqual([plain, { ...mapped, device: '/dev/new' }]);
    const [disk, other] = children(child(document, 'devices'), 'disk');
    expect([disk, other].map((one) => child(one, 'source')?.getAttribute('dev'))).toEqual(['/dev/new', '/dev/vg/one']);
  });

  it('have one login for each target and portal', () => {
    const [first, second] = portals.map((portal) => loginName(target, portal));
    expect(first).not.toBe(second);
    expect([first, second].every((name) => name?.startsWith(loginsAt(target)))).toBe(true);
    expect(loginName(`${target}x`, portals[0]!).startsWith(loginsAt(target))).toBe(false);
    const pool = parseXml(loginXml(mapped, portals[1]!));
    expect(child(pool, 'source/host')?.getAttribute('port')).toBe('3261');
    expect(child(pool, 'source/auth/secret')?.getAttribute('uuid')).toBe('0f0e');
    expect(readLogin(loginXml(mapped, portals[1]!))).toEqual({ target, portal: '[fd00::2]:3261' });
    expect(child(parseXml(loginXml(plain, portals[0]!)), 'source/auth')).toBeUndefined();
  });

  it('are found among the devices of the host by their path', () => {
    const node = (link: string) =>
      parseXml(`<device><path>/sys/devices/platform/host3/session1/target3:0:0/3:0:0:12/block/sdb</path><devnode type='dev'>/dev/sdb</devnode>
      <devnode type='link'>/dev/disk/by-id/wwn-0x6</devnode><devnode type='link'>${link}</devnode><capability type='storage'><serial>360a</serial></capability></device>`);
    const known = { target, unitId: '360a', adapter: 'host3' };
    const own = `/dev/disk/by-path/ip-10.0.0.1:3260-iscsi-${target}-lun-12`;
    const other = `/dev/disk/by-path/pci-0000:03:00.0-ip-[fd00::2]:3261-iscsi-${target}-lun-0`;
    expect(readUnitPath(node(own))).toEqual({ ...known, portal: '10.0.0.1:3260', lun: 12, device: own });
    expect(readUnitPath(node(other))).toEqual({ ...known, portal: portalText(portals[1]!), lun: 0, device: other });
    const fabric = '/dev/disk/by-path/pci-0000:05:00.0-fc-0x50060160abcd0001-lun-7';
    const path = readUnitPath(node(fabric));
    expect(path).toMatchObject({ portal: '50060160abcd0001', lun: 7, device: fabric, unitId: '360a' });
    expect(
      path &&
        [fabricOf(['50:06:01:60:AB:CD:00:02', '0x50060160abcd0001']) ?? '', target].map((to) => leadsTo(to, path)),
    ).toEqual([true, false]);
    expect(fabricOf(['50:06'])).toBeUndefined();
    expect(readUnitPath(node('/dev/disk/by-path/pci-0000:00:1f.2-ata-1'))).toBeUndefined();
  });
});
