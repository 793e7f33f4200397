import { describe, expect, it } from '@jest/globals';
import { fileNameOf, formatOf, nameOf, readVolume, volumeXml } from './volume-xml.js';

const described = (name: string, format: string): string =>
  `<volume type="file"><name>${name}</name><capacity unit="bytes">1024</capacity><allocation unit="KiB">4</allocation>` +
  `<target><path>/pool/${name}</path><format type="${format}"/></target>` +
  '<backingStore><path>/etc/hostname</path><format type="raw"/></backingStore></volume>';

describe('volumes', () => {
  it('are asked for as the golden document says', () => {
    const plan = {
      fileName: 'a.qcow2',
      format: 'qcow2',
      capacityBytes: 1024n,
      backing: { path: '/pool/b.raw', format: 'raw' },
    } as const;
    expect(volumeXml(plan)).toBe(
      '<volume><name>a.qcow2</name><capacity unit="bytes">1024</capacity><allocation unit="bytes">0</allocation>' +
        '<target><format type="qcow2"/><compat>1.1</compat></target>' +
        '<backingStore><path>/pool/b.raw</path><format type="raw"/></backingStore></volume>',
    );
  });

  it('keep their declared format whatever a guest wrote into them', () => {
    const attacked = readVolume(described('disk.raw', 'qcow2'));
    expect([attacked.probedFormat, formatOf(attacked)]).toEqual(['qcow2', 'raw']);
  });

  it('of others have the format that libvirt found', () => {
    expect(formatOf(readVolume(described('old.img', 'vmdk')))).toBe('vmdk');
    expect(formatOf(readVolume(described('old.img', 'vpc')))).toBe('vhd');
  });

  it('that are encrypted images or devices have a name without its beginning, and a size without their header', () => {
    const image = (name: string, capacity: number) =>
      readVolume(`<volume type="network"><name>${name}</name><capacity unit="bytes">${capacity}</capacity></volume>`);
    const [whole, begun] = [image('luks+web', 18_845_696), image('luks+web', 4096)];
    expect([nameOf(whole), formatOf(whole), whole.capacityBytes]).toEqual(['web', 'raw', 16n << 20n]);
    expect(begun.capacityBytes).toBe(0n);
    expect(image('luks-web.luks', 4096)).toMatchObject({ capacityBytes: 4096n });
  });

  it('are in folders as files only: a device may be called like one', () => {
    const path = '<target><path>/pool/web.ploop</path></target>';
    const named = (type: string) =>
      readVolume(`<volume type="${type}"><name>web.ploop</name><capacity unit="bytes">512</capacity>${path}</volume>`);
    const [folder, device] = [named('ploop'), named('block')];
    expect([nameOf(folder), formatOf(folder), folder.path]).toEqual(['web', 'parallels', '/pool/web.ploop/root.hds']);
    expect([nameOf(device), formatOf(device), device.path]).toEqual(['web.ploop', 'raw', '/pool/web.ploop']);
  });

  it('have a name apart from their file name', () => {
    expect(nameOf({ fileName: fileNameOf('web.raw', 'qcow2'), kind: 'file' })).toBe('web.raw');
    expect(nameOf({ fileName: 'plain', kind: 'file' })).toBe('plain');
    expect(readVolume(described('a.raw', 'raw'))).toMatchObject({
      capacityBytes: 1024n,
      allocatedBytes: 4096n,
      path: '/pool/a.raw',
    });
  });
});
