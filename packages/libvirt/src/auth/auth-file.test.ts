import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { credentialsFromFile } from './auth-file.js';

let path: string;
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'auth-file-'));
  path = join(directory, 'auth.conf');
  await writeFile(
    path,
    [
      '# a comment',
      '[credentials-test]',
      'authname=fred',
      'password=a\\sb\\\\c = d # no comment',
      '[auth-libvirt-one.example]',
      'credentials=test',
      '[auth-libvirt-two.example]',
      'credentials = none',
      '[auth-esx-localhost]',
      'credentials=test',
    ].join('\n'),
  );
});
afterEach(async () => {
  delete process.env['LIBVIRT_AUTH_FILE'];
  await rm(directory, { recursive: true });
});

it('finds what is for a host', async () => {
  const credentials = { username: 'fred', password: 'a b\\c = d # no comment' };
  expect(await credentialsFromFile('one.example', path)).toEqual(credentials);
  process.env['LIBVIRT_AUTH_FILE'] = path;
  expect(await credentialsFromFile('one.example', '/nowhere')).toEqual(credentials);
});

it('knows nothing of other hosts, unless there is a default', async () => {
  expect(await credentialsFromFile('', path)).toBeUndefined();
  await writeFile(path, '[credentials-d]\nusername=u\npassword=p\n[auth-libvirt-default]\ncredentials=d\n');
  expect(await credentialsFromFile('', path)).toEqual({ username: 'u', password: 'p' });
});

it('says what is wrong with a file', async () => {
  await expect(credentialsFromFile('two.example', path)).rejects.toMatchObject({
    code: 'CONF_SYNTAX',
    message: expect.stringContaining('[credentials-none]'),
  });
  await expect(credentialsFromFile('x', '/nowhere/auth.conf')).rejects.toMatchObject({
    code: 'AUTH_FAILED',
    message: expect.stringContaining('/nowhere/auth.conf'),
  });
});
