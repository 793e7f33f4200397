import { describe, expect, it } from '@jest/globals';
import { readCommandLine, ShellError } from '../src/guests/shell.js';

describe('the shell of a made-up guest', () => {
  it('reads quoted words and redirections', () => {
    expect(readCommandLine(`'a b' plain 'it'\\''s' <'/in' >'/o ut' 2>/err`)).toEqual({
      words: ['a b', 'plain', "it's"],
      input: '/in',
      output: '/o ut',
      errors: '/err',
    });
  });

  it.each(['$HOME', '`id`', 'a;b', 'a | b', "'open", 'a &', '"a"', '> '])(
    'refuses %j, which a real shell would act on',
    (text) => {
      expect(() => readCommandLine(text)).toThrow(ShellError);
    },
  );
});
