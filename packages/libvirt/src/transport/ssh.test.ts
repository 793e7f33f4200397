import { describe, expect, it } from '@jest/globals';
import { parseUri } from '../uri.js';
import { sshArguments } from './ssh.js';

const command = (uri: string, readOnly = false): string => sshArguments(parseUri(uri), readOnly).at(-1) ?? '';

describe('what runs on the other side', () => {
  it("is the helper, or netcat on the system daemon's socket", () => {
    expect(command('qemu+ssh://h/system')).toMatch(
      /virt-ssh-helper.*'qemu:\/\/\/system' 'nc' '\/run\/libvirt\/libvirt-sock'$/,
    );
    expect(command('qemu+ssh://h/system', true)).toMatch(
      /'-r' 'qemu:\/\/\/system' 'nc' '\/run\/libvirt\/libvirt-sock-ro'$/,
    );
  });

  it("is the helper alone for a user's daemon", () => {
    expect(command('qemu+ssh://h/session')).not.toContain('exec "$3"');
  });

  it.each(['socket=/s', 'netcat=/bin/nc', 'proxy=netcat'])('is netcat alone with %s', (parameter) => {
    expect(command(`qemu+ssh://h/system?${parameter}`)).not.toContain('virt-ssh-helper');
  });

  it('cannot be broken out of', () => {
    expect(command("qemu+ssh://h/system?socket=/a';reboot;'")).toMatch(/'\/a'\\'';reboot;'\\'''$/);
  });
});

it('names user, port, key and known hosts, and no host as an option', () => {
  const args = sshArguments(parseUri('qemu+ssh://me@h:22/system?keyfile=/k&known_hosts=/n&no_verify=1'), false);
  expect(args.join(' ')).toContain('-p 22 -l me -i /k -o UserKnownHostsFile=/n -o StrictHostKeyChecking=no');
  expect(args[args.indexOf('--') + 1]).toBe('h');
});
