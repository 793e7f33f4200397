import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argumentText, checkCommand } from './shell-words.js';

const HOSTILE = [
  '$HOME; reboot',
  '`id`',
  "it's",
  '"',
  '\\',
  '',
  ' ',
  '\n',
  '*',
  '~',
  '!x',
  '-n',
  '|',
  '>x',
  '名前',
  '$(id)',
];

test('arguments arrive in a program as they were given, whatever a shell would make of them', () => {
  const folder = mkdtempSync(join(tmpdir(), "it's "));
  try {
    const streams = { output: join(folder, 'out put'), errors: join(folder, 'errors') };
    // As VMware Tools do it: the path in double quotes, and a shell.
    const text = `"${process.execPath}" ${argumentText(['-e', PRINT, '--', ...HOSTILE], streams)}`;
    execFileSync('/bin/sh', ['-c', text], { stdio: 'ignore' });
    expect(JSON.parse(readFileSync(streams.output, 'utf8'))).toEqual(HOSTILE);
    expect(readFileSync(streams.errors, 'utf8')).toBe('x');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
const PRINT = 'process.stderr.write("x"); process.stdout.write(JSON.stringify(process.argv.slice(1)))';

test('the text is the same each time', () => {
  const text = argumentText(['a b', "c'd"], { input: '/i', output: '/o', errors: '/e' });
  expect(text).toBe(`'a b' 'c'\\''d' <'/i' >'/o' 2>'/e'`);
});

test.each(['/bin/$HOME', '/bin/`id`', '/bin/a"b', '/bin/a\\b', '/bin/a\nb'])('program %j is refused', (path) => {
  expect(() => checkCommand(path, [])).toThrow(expect.objectContaining({ code: 'REQUEST.INVALID' }));
});

test('an argument with a zero character is refused', () => {
  expect(() => checkCommand('/bin/true', ['a\0b'])).toThrow(expect.objectContaining({ code: 'REQUEST.INVALID' }));
});
