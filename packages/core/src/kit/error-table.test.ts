import { Secret } from '../values/secret.js';
import { mapNativeError, type ErrorTable } from './error-table.js';

const table: ErrorTable = {
  '42': 'MACHINE.NOT_FOUND',
  '55': { code: 'MACHINE.WRONG_STATE', says: 'is not running; start it first' },
  '68': { code: 'HOST.FAILED', retryable: true, stateAfter: 'unchanged' },
};

test('a code of the table gives its meaning, with the native words as detail', () => {
  const cause = new Error('reply');
  expect(
    mapNativeError(table, {
      code: '42',
      message: 'Domain not found.',
      subject: 'm1',
      what: 'Machine "web" (m1)',
      cause,
    }),
  ).toMatchObject({
    code: 'MACHINE.NOT_FOUND',
    stateAfter: 'unchanged',
    subject: 'm1',
    native: { code: '42', message: 'Domain not found.' },
    message: 'Machine "web" (m1) got MACHINE.NOT_FOUND; the host says: Domain not found (42).',
    cause,
  });
});

test('an entry may say it better and overrule the defaults', () => {
  expect(mapNativeError(table, { code: '55', message: 'not running', what: 'Machine "web"' }).message).toBe(
    'Machine "web" is not running; start it first; the host says: not running (55).',
  );
  expect(mapNativeError(table, { code: '68', message: 'later' })).toMatchObject({
    retryable: true,
    stateAfter: 'unchanged',
  });
});

test.each(['77', 'toString', '__proto__'])('the unknown code %s gives HOST.FAILED and keeps the detail', (code) => {
  expect(mapNativeError(table, { code, message: 'what?' })).toMatchObject({
    code: 'HOST.FAILED',
    stateAfter: 'unknown',
    native: { code, message: 'what?' },
  });
});

test('secrets that the host repeats appear nowhere', () => {
  const failure = { code: '1', message: 'bad password hunter2 for esx://u:other@h', secrets: [new Secret('hunter2')] };
  const error = mapNativeError(table, failure);
  expect(JSON.stringify(error) + error.message).not.toMatch(/hunter2|other/);
});
