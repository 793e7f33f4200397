import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { failure } from './problem.js';

/** The registry that npm is configured for here: that of our scope, else the general one. */
export async function npmRegistry(
  env: Readonly<Record<string, string | undefined>>,
  scope = '@virt-drivers',
): Promise<string> {
  try {
    const keys = [`${scope}:registry`, 'registry'];
    const { stdout } = await promisify(execFile)('npm', ['config', 'get', ...keys], {
      env: { ...env },
      timeout: 20_000,
    });
    const values = new Map(
      stdout.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1).trim()]),
    );
    const [own, general] = keys.map((key) => values.get(key));
    const found = own !== undefined && own !== 'undefined' ? own : general;
    if (found !== undefined && URL.canParse(found)) return found;
    throw new Error('it names none');
  } catch (error) {
    throw failure(
      'usage',
      'registry',
      'The registry is not known: npm config could not be read. Give it with --registry.',
      error,
    );
  }
}
