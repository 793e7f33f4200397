/** A command line as a POSIX shell understands it, as far as this one does. */
export interface CommandLine {
  readonly words: readonly string[];
  readonly input?: string;
  readonly output?: string;
  readonly errors?: string;
}

/** The shell does not understand a text, or would do more than run one program with it. */
export class ShellError extends Error {
  override readonly name = 'ShellError';
}

type Target = 'word' | 'input' | 'output' | 'errors';

/**
 * Reads words in single quotes, plain words, escaped characters and redirections. Whatever else means something to a
 * shell is refused: a client that sends it unquoted has a bug that a real guest would act on.
 */
export function readCommandLine(text: string): CommandLine {
  const words: string[] = [];
  const targets: Partial<Record<Target, string>> = {};
  let target: Target = 'word';
  let rest = text.trimStart();
  while (rest !== '') {
    const redirection = /^(<|>|2>)\s*/.exec(rest);
    if (redirection) {
      target = redirection[1] === '<' ? 'input' : redirection[1] === '>' ? 'output' : 'errors';
      rest = rest.slice(redirection[0].length);
    }
    const { word, after } = readWord(rest);
    if (target === 'word') words.push(word);
    else targets[target] = word;
    target = 'word';
    rest = after.trimStart();
  }
  return { words, ...targets };
}

function readWord(text: string): { readonly word: string; readonly after: string } {
  let word = '';
  let rest = text;
  for (;;) {
    const [part = '', quoted, escaped, plain] = /^(?:'([^']*)'|\\(.)|([\w@%+=:,./-]+))/s.exec(rest) ?? [];
    if (part === '') break;
    word += quoted ?? escaped ?? plain ?? '';
    rest = rest.slice(part.length);
  }
  if (rest !== '' && !/^\s/.test(rest)) throw new ShellError(`The shell would act on ${JSON.stringify(rest[0])}.`);
  if (rest === text) throw new ShellError('A word is missing.');
  return { word, after: rest };
}
