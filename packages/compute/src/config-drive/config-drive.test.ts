import { describe, expect, test } from '@jest/globals';
import { Secret } from '@virt-drivers/core';
import { configDrive, configDriveFiles } from './config-drive.js';
import type { ConfigDriveContent } from './content.js';
import { hostnameFrom } from './hostname.js';

const base: ConfigDriveContent = { instanceId: '6ba7b810-9dad-11d1-80b4-00c04fd430c8', name: 'web 1' };
const fileOf = (content: ConfigDriveContent, path: string): Buffer | undefined => {
  const found = configDriveFiles(content).find((file) => file.path === path);
  return found && Buffer.from(found.content);
};
const document = (content: ConfigDriveContent, name: string): unknown =>
  JSON.parse(fileOf(content, `openstack/latest/${name}`)?.toString('utf8') ?? 'null');

describe('config drive', () => {
  test('has each document in the versions that know it', () => {
    const content: ConfigDriveContent = { ...base, userData: Buffer.from('#!'), network: { links: [] } };
    const paths = configDriveFiles(content).map(({ path }) => path);
    expect(paths).toContain('openstack/2012-08-10/user_data');
    expect(paths).not.toContain('openstack/2013-10-17/network_data.json');
    expect(paths).toContain('openstack/2015-10-15/network_data.json');
    expect(paths).not.toContain('openstack/2013-04-04/vendor_data.json');
    expect(paths.filter((path) => path.startsWith('openstack/latest/'))).toEqual([
      'openstack/latest/meta_data.json',
      'openstack/latest/vendor_data.json',
      'openstack/latest/network_data.json',
      'openstack/latest/user_data',
    ]);
  });

  test('tells names and metadata exactly', () => {
    const hostile = '<a href="x">&amp;\u0000\u2028 😀 ../../etc/passwd \'"\\';
    const meta = document({ ...base, name: hostile, metadata: { [hostile]: hostile } }, 'meta_data.json');
    expect(meta).toMatchObject({ uuid: base.instanceId, name: hostile, meta: { [hostile]: hostile } });
  });

  test('hands user data over byte by byte', () => {
    const userData = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    expect(fileOf({ ...base, userData }, 'openstack/latest/user_data')).toEqual(Buffer.from(userData));
  });

  test('references injected files by number, whatever they are called', () => {
    const files = [{ path: '/etc/<motd>&', content: Buffer.from('hello') }];
    expect(document({ ...base, files }, 'meta_data.json')).toMatchObject({
      files: [{ path: '/etc/<motd>&', content_path: '/content/0000' }],
    });
    expect(fileOf({ ...base, files }, 'openstack/content/0000')?.toString()).toBe('hello');
  });

  test.each(['relative', '/a/../b', '/a\0b', `/${'x'.repeat(300)}`])('refuses to inject %j', (path) => {
    const files = [{ path, content: Buffer.alloc(0) }];
    expect(() => configDrive({ ...base, files })).toThrow(expect.objectContaining({ code: 'REQUEST.INVALID' }));
  });

  test('describes networks', () => {
    const network: ConfigDriveContent['network'] = {
      links: [
        {
          macAddress: '52:54:00:AA:BB:01',
          mtu: 1_450,
          addresses: [
            { kind: 'dhcp6' },
            { kind: 'static', address: '192.0.2.10', prefixLength: 26, gateway: '192.0.2.1' },
            { kind: 'static', address: '2001:db8::2', prefixLength: 64 },
          ],
        },
      ],
      dnsServers: ['192.0.2.53'],
    };
    expect(document({ ...base, network }, 'network_data.json')).toEqual({
      links: [{ id: 'nic0', type: 'phy', ethernet_mac_address: '52:54:00:aa:bb:01', mtu: 1_450 }],
      networks: [
        { id: 'network0-0', link: 'nic0', type: 'ipv6_dhcp' },
        {
          id: 'network0-1',
          link: 'nic0',
          type: 'ipv4',
          ip_address: '192.0.2.10',
          netmask: '255.255.255.192',
          routes: [{ network: '0.0.0.0', netmask: '0.0.0.0', gateway: '192.0.2.1' }],
        },
        { id: 'network0-2', link: 'nic0', type: 'ipv6', ip_address: '2001:db8::2', netmask: '64', routes: [] },
      ],
      services: [{ type: 'dns', address: '192.0.2.53' }],
    });
  });

  test.each([
    { links: [{ macAddress: 'nonsense', addresses: [] }] },
    {
      links: [
        {
          macAddress: '52:54:00:aa:bb:01',
          addresses: [{ kind: 'static' as const, address: '999.0.0.1', prefixLength: 8 }],
        },
      ],
    },
    {
      links: [
        {
          macAddress: '52:54:00:aa:bb:01',
          addresses: [{ kind: 'static' as const, address: '192.0.2.1', prefixLength: 33 }],
        },
      ],
    },
    { links: [], dnsServers: ['one.one'] },
  ])('refuses the network %j', (network) => {
    expect(() => configDrive({ ...base, network })).toThrow(expect.objectContaining({ code: 'REQUEST.INVALID' }));
  });

  test('holds the password and shows it nowhere else', () => {
    const content = { ...base, adminPassword: new Secret('swordfish') };
    expect(document(content, 'meta_data.json')).toMatchObject({ admin_pass: 'swordfish' });
    expect(JSON.stringify(content)).not.toContain('swordfish');
    expect(
      JSON.stringify(configDrive(content), (_key, value) => (typeof value === 'bigint' ? String(value) : value)),
    ).not.toContain('swordfish');
  });

  test('has the EC2 form when asked', () => {
    const content = { ...base, ec2: true, publicKeys: { me: 'ssh-ed25519 AAAA me' } };
    expect(JSON.parse(fileOf(content, 'ec2/latest/meta-data.json')?.toString() ?? '')).toMatchObject({
      'instance-id': base.instanceId,
      'public-keys': { 0: { 'openssh-key': 'ssh-ed25519 AAAA me' } },
    });
  });

  test('is the same disc every time', () => {
    expect(configDrive(base).checksum).toEqual(configDrive({ ...base }).checksum);
    expect(configDrive(base)).toMatchObject({ format: 'iso' });
  });

  test('refuses a drive that is too large', () => {
    const files = [{ path: '/big', content: new Uint8Array(70_000_000) }];
    expect(() => configDrive({ ...base, files })).toThrow(/are allowed/);
  });

  test.each([
    ['Web Server_1', 'web-server-1'],
    ['--Ünïcode.😀--', 'unicode'],
    ['😀', 'fallback'],
  ])('makes a host name of %j', (name, hostname) => {
    expect(hostnameFrom(name, 'fallback')).toBe(hostname);
  });
});
