import { describe, expect, it } from '@jest/globals';
import { Secret, type DriverError } from '@virt-drivers/core';
import { LibvirtError, type LibvirtErrorCode } from '@virt-drivers/libvirt';
import { toDriverError } from './errors.js';

const about = { what: 'Machine m1', subject: 'm1' };
const map = (code: LibvirtErrorCode, ints: readonly number[] = [], more = {}): DriverError =>
  toDriverError(new LibvirtError(code, 'as libvirt says', { ints }), { ...about, ...more }) as DriverError;

describe('errors of libvirt', () => {
  it.each([
    ['NO_DOMAIN', 'MACHINE.NOT_FOUND', false],
    ['OPERATION_TIMEOUT', 'MACHINE.BUSY', true],
    ['OPERATION_INVALID', 'MACHINE.WRONG_STATE', false],
    ['AGENT_UNRESPONSIVE', 'GUEST.UNAVAILABLE', true],
    ['AUTH_FAILED', 'ACCESS.UNAUTHENTICATED', false],
    ['CONNECTION_LOST', 'HOST.CONNECTION_LOST', true],
    ['NO_SUPPORT', 'CAPABILITY.ABSENT', false],
    ['INTERNAL_ERROR', 'HOST.FAILED', false],
  ] as const)('%s is %s', (code, expected, retryable) => {
    const error = map(code);
    expect(error).toMatchObject({
      code: expected,
      retryable,
      subject: 'm1',
      native: { code, message: 'as libvirt says' },
    });
    expect(error.message).toMatch(/^Machine m1 /);
  });

  it('of the system are told by errno', () => {
    expect([28, 30, 13, 12, 5].map((errno) => map('SYSTEM_ERROR', [errno]).code)).toEqual([
      'POOL.FULL',
      'POOL.UNAVAILABLE',
      'ACCESS.DENIED',
      'HOST.NOT_ENOUGH_RESOURCES',
      'HOST.FAILED',
    ]);
  });

  it('of programs that libvirt ran are told by their words', () => {
    const said = (words: string): LibvirtError =>
      new LibvirtError('INTERNAL_ERROR', `Child process (qemu-img convert) unexpected exit status 1: ${words}`);
    const codes = ['No space left on device', 'Read-only file system', 'Disk quota exceeded', 'Segmentation fault'].map(
      (words) => toDriverError(said(`qemu-img: /images/a.qcow2: ${words}\n`), about),
    );
    expect(codes).toMatchObject(
      ['POOL.FULL', 'POOL.UNAVAILABLE', 'POOL.FULL', 'HOST.FAILED'].map((code) => ({ code })),
    );
  });

  it('that cut a call short say what is known', () => {
    expect(map('DEADLINE_EXCEEDED')).toMatchObject({ code: 'CALL.DEADLINE_EXCEEDED', stateAfter: 'unknown' });
    expect(map('CANCELLED', [], { reads: true })).toMatchObject({ code: 'CALL.CANCELLED', stateAfter: 'unchanged' });
  });

  it('never repeat a secret', () => {
    const error = toDriverError(new LibvirtError('INTERNAL_ERROR', 'cannot use hunter2'), {
      ...about,
      secrets: [new Secret('hunter2')],
    });
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });

  it('of others are left alone', () => expect(toDriverError('text', about)).toBe('text'));
});
