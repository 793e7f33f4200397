import { execFile } from 'node:child_process';
import { inspect, promisify } from 'node:util';
import { ERROR_CODES, isErrorCode, traitsOf, type ErrorCode } from './codes.js';
import { DriverError, isDriverError } from './driver-error.js';

const codes = Object.keys(ERROR_CODES).filter(isErrorCode);

describe('the codes', () => {
  test.each(codes)('%s is dotted and in capitals, and gives an error its traits', (code) => {
    expect(code).toMatch(/^[A-Z]+\.[A-Z]+(_[A-Z]+)*$/);
    const { retryable, stateAfter } = new DriverError(code, 'Something happened.');
    expect({ retryable, stateAfter }).toEqual(traitsOf(code));
  });

  test.each(['', 'MACHINE', 'machine.not_found', 'toString', '__proto__', undefined, 7])('%p is no code', (text) => {
    expect(isErrorCode(text)).toBe(false);
  });
});

describe('DriverError', () => {
  test('carries what it is given, overruling the traits', () => {
    const cause = new Error('EPIPE');
    const details = {
      retryable: false,
      stateAfter: 'partial',
      subject: 'm1',
      heldBy: 'task-7',
      missingPrivilege: 'VirtualMachine.Interact.PowerOn',
      condition: { needs: 'machine-stopped', reason: 'The bus cannot hot-plug.' },
      native: { code: '38', message: 'busy' },
    } as const;
    const error = new DriverError('MACHINE.BUSY', 'Machine "m1" is busy.', { ...details, cause });
    expect(error).toMatchObject({
      name: 'DriverError',
      code: 'MACHINE.BUSY',
      message: 'Machine "m1" is busy.',
      ...details,
    });
    expect(error.cause).toBe(cause);
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ code: 'MACHINE.BUSY', ...details });
  });

  test('has no field that it was not given', () => {
    const error = new DriverError('POOL.FULL', 'Pool "p" is full.');
    for (const field of ['subject', 'heldBy', 'missingPrivilege', 'condition', 'native', 'cause'])
      expect(error).not.toHaveProperty(field);
  });

  test('is printed with its code and cause', () => {
    const shown = inspect(new DriverError('POOL.FULL', 'Pool "p" is full.', { cause: new Error('ENOSPC') }));
    expect(shown).toMatch(/DriverError: Pool "p" is full\.[^]*POOL\.FULL/);
    expect(shown).toContain('ENOSPC');
  });
});

describe('isDriverError', () => {
  const error: unknown = new DriverError('MACHINE.BUSY', 'Machine "m1" is busy.');

  test('tells codes apart', () => {
    expect(isDriverError(error)).toBe(true);
    expect(isDriverError(error, 'VOLUME.BUSY', 'MACHINE.BUSY')).toBe(true);
    expect(isDriverError(error, 'VOLUME.BUSY')).toBe(false);
  });

  test.each([
    ['an error with such a code', Object.assign(new Error('no'), { code: 'MACHINE.BUSY' })],
    ['plain data of one', JSON.parse(JSON.stringify(error)) as unknown],
    ['null', null],
    ['a text', 'MACHINE.BUSY'],
    ['a code that is not of the set', Object.assign(new DriverError('POOL.FULL', 'Full.'), { code: 'POOL.EMPTY' })],
  ])('%s is none', (_, other) => {
    expect(isDriverError(other)).toBe(false);
  });

  test('narrows the type', () => {
    const code = (thrown: unknown): ErrorCode | undefined => (isDriverError(thrown) ? thrown.code : undefined);
    expect(code(error)).toBe('MACHINE.BUSY');
    expect(code(new Error('other'))).toBeUndefined();
  });
});

describe('two copies of the package in one process', () => {
  // A process of its own, which compiles the sources twice: jest's registry would give one copy only.
  const script = `
    import { transformFile } from '@swc/core';
    const options = (type) => ({ jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type } });
    const url = (code) => 'data:text/javascript,' + encodeURIComponent(code);
    const load = async (copy) => {
      const codes = await transformFile('src/errors/codes.ts', options('es6'));
      const error = await transformFile('src/errors/driver-error.ts', options('es6'));
      const source = error.code.replace(/["'][.].codes[.]js["']/, JSON.stringify(url(codes.code)));
      return import(url(source + '// copy ' + copy));
    };
    const [one, two] = [await load(1), await load(2)];
    const error = new one.DriverError('MACHINE.BUSY', 'Busy.');
    console.log(JSON.stringify({
      instance: error instanceof two.DriverError,
      recognised: two.isDriverError(error),
      withCode: two.isDriverError(error, 'MACHINE.BUSY'),
      otherCode: two.isDriverError(error, 'POOL.FULL'),
    }));
  `;

  test('recognise the errors of each other', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: new URL('../..', import.meta.url),
      timeout: 20_000,
    });
    expect(JSON.parse(stdout)).toEqual({ instance: false, recognised: true, withCode: true, otherCode: false });
  });
});
