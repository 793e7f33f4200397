import { inspect } from 'node:util';
import { DriverError } from '../errors/driver-error.js';
import { Secret } from '../values/secret.js';
import { redact, redactText } from './redact.js';

const password = 'hunter2 & "co"';

describe('redactText', () => {
  test.each([
    ['a URL', 'esx://root:hunter2@vc.example/sdk', 'esx://root:[secret]@vc.example/sdk'],
    ['a URL without user', 'redis://:hunter2@db', 'redis://:[secret]@db'],
    ['two URLs', 'a://u:p@h b://u:q@h', 'a://u:[secret]@h b://u:[secret]@h'],
    ['a query', 'https://h/x?user=me&password=hunter2&n=1', 'https://h/x?user=me&password=[secret]&n=1'],
    ['a header', 'Authorization: Basic cm9vdDpodW50ZXIy', 'Authorization: Basic [secret]'],
  ])('hides the secret in %s', (_, text, expected) => {
    expect(redactText(text)).toBe(expected);
  });

  test.each([
    'qemu+ssh://me@host/system?socket=/run/libvirt/libvirt-sock',
    'https://host:8443/path@2x',
    'Basic authentication is off',
    'Machine "web:1" on host "a@b" was not found.',
  ])('leaves %s alone', (text) => {
    expect(redactText(text)).toBe(text);
  });

  test('hides the secrets of the call, as they are and as they are written in URLs and JSON', () => {
    const text = `login(${password}) ${encodeURIComponent(password)} ${JSON.stringify(password)}`;
    expect(redactText(text, [new Secret(password), new Secret('')])).toBe('login([secret]) [secret] "[secret]"');
  });
});

describe('redact', () => {
  test('hides secrets wherever they are and keeps the rest', () => {
    const at = new Date(0);
    const data = {
      name: 'web',
      secret: new Secret(password),
      list: [{ passphrase: 'x', size: 5n }],
      login: { userName: 'root', passwd: 'x', sessionToken: 'x', 'set-cookie': ['x'], privateKey: 'x' },
      volume: { pool: 'p', key: 'a/b' },
      clientToken: 'kept',
      passwordSetAt: at,
      hasPassword: true,
      password: null,
      url: new URL('https://u:x@h/'),
      content: Buffer.from('x'),
      absent: undefined,
      map: new Map([['token', 'x']]),
    };
    expect(redact(data)).toEqual({
      name: 'web',
      secret: '[secret]',
      list: [{ passphrase: '[secret]', size: 5n }],
      login: {
        userName: 'root',
        ...{ passwd: '[secret]', sessionToken: '[secret]', 'set-cookie': '[secret]', privateKey: '[secret]' },
      },
      volume: { pool: 'p', key: 'a/b' },
      clientToken: 'kept',
      passwordSetAt: at,
      hasPassword: true,
      password: null,
      url: 'https://u:[secret]@h/',
      content: '[1 bytes]',
      map: { token: '[secret]' },
    });
  });

  test('does not change what it is given, and survives cycles', () => {
    const node: { name: string; password: string; self?: unknown; twice?: unknown } = { name: 'a', password: 'x' };
    node.self = node;
    expect(redact([node, node])).toEqual([
      { name: 'a', password: '[secret]', self: '[circular]' },
      { name: 'a', password: '[secret]', self: '[circular]' },
    ]);
    expect(node.password).toBe('x');
  });

  test('shows errors with their causes', () => {
    const cause = new Error(`cannot log in with ${password}`);
    const error = new DriverError('ACCESS.UNAUTHENTICATED', 'Host "h" refused the login.', { cause });
    expect(redact(error, [new Secret(password)])).toMatchObject({
      name: 'DriverError',
      code: 'ACCESS.UNAUTHENTICATED',
      message: 'Host "h" refused the login.',
      cause: { name: 'Error', message: 'cannot log in with [secret]' },
    });
  });

  test('no way of printing the copy shows the secret', () => {
    const copy = redact({ options: { password, secret: new Secret(password) }, text: password }, [
      new Secret(password),
    ]);
    expect(JSON.stringify(copy) + inspect(copy, { depth: 9, showHidden: true })).not.toContain('hunter2');
  });
});
