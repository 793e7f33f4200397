import { expect, it } from '@jest/globals';
import { parseUri } from './uri.js';

it.each([
  ['qemu:///system', { driver: 'qemu', transport: 'unix', session: false, daemonUri: 'qemu:///system' }],
  ['qemu:///session', { transport: 'unix', session: true, daemonUri: 'qemu:///session' }],
  ['test:///default', { driver: 'test', daemonUri: 'test:///default' }],
  ['xen:///system', { driver: 'xen', daemonUri: 'xen:///system' }],
  ['lxc:///', { driver: 'lxc', daemonUri: 'lxc:///' }],
  ['ch:///session', { driver: 'ch', session: true }],
  ['qemu+unix:///system?socket=/a%20b', { transport: 'unix', daemonUri: 'qemu:///system' }],
  ['qemu+tcp://host/system', { transport: 'tcp', host: 'host', port: undefined, daemonUri: 'qemu:///system' }],
  ['qemu://host/system', { transport: 'tls', host: 'host' }],
  [
    'qemu+tls://[fd00::1]:5000/system?no_verify=1&a=b',
    { transport: 'tls', host: 'fd00::1', port: 5000, daemonUri: 'qemu:///system?a=b' },
  ],
  ['qemu+ssh://me@host:22/system', { transport: 'ssh', user: 'me', port: 22 }],
  ['remote://host/', { driver: undefined, daemonUri: undefined }],
  ['qemu+tcp://host/system?name=test:///default', { daemonUri: 'test:///default' }],
])('%s', (text, expected) => {
  expect(parseUri(text)).toMatchObject(expected);
});

it.each([
  'qemu:///embed?root=/tmp/x',
  'qemu:///system?mode=sideways',
  'qemu+tcp://host/system?mode=direct',
  'qemu+ssh://host/system?proxy=none',
  'qemu+tls://host/system?auth=magic',
  'qemu+tls://host/system?tls_priority=NORMAL',
])('%s is refused', (text) => {
  expect(() => parseUri(text)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
});

it('keeps the parameters of this side', () => {
  expect(parseUri('qemu+unix:///system?socket=/a%20b').parameters.get('socket')).toBe('/a b');
});

it.each(['qemu+carrier://me:secret@h/', 'qemu+tls://me:secret@h/system?auth=x', '1://me:secret@h/'])(
  'a password in %s is not in the error',
  (text) => {
    expect(() => parseUri(text)).toThrow(/^(?!.*secret)/);
    expect(() => parseUri(text)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  },
);
