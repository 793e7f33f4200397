import { DriverError, ERROR_CODES, type ErrorCode } from '@virt-drivers/core';
import { EXIT, exitCodeOf } from './exit-codes.js';

const of = (code: ErrorCode): number => exitCodeOf(new DriverError(code, 'x'));

describe('exitCodeOf', () => {
  it.each([
    ['MACHINE.NOT_FOUND', EXIT.notFound],
    ['VOLUME.IN_USE', EXIT.conflict],
    ['MACHINE.BUSY', EXIT.conflict],
    ['HOST.UNREACHABLE', EXIT.unreachable],
    ['ACCESS.DENIED', EXIT.denied],
    ['IMAGE.UNSAFE', EXIT.imageRefused],
    ['IMAGE.NOT_FOUND', EXIT.notFound],
    ['CALL.DEADLINE_EXCEEDED', EXIT.timeout],
    ['REQUEST.INVALID', EXIT.usage],
  ] as const)('%s gives %i', (code, exit) => expect(of(code)).toBe(exit));

  it('is never 0 for an error', () => {
    for (const code of Object.keys(ERROR_CODES)) expect(of(code as ErrorCode)).toBeGreaterThan(0);
    expect(exitCodeOf(new Error('x'))).toBe(EXIT.failed);
  });
});
