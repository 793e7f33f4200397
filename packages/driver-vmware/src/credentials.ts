import { DriverError, isDriverError, Secret } from '@virt-drivers/core';
import type { Credentials } from '@virt-drivers/vsphere';
import { readFile, stat } from 'node:fs/promises';
import type { CheckedOptions } from './options.js';
import type { Target } from './target.js';

/** How to log in, and what no error may repeat. */
export interface ReadCredentials {
  readonly credentials: Credentials;
  readonly secrets: readonly Secret[];
}

/** Reads them: a token where one is given, else account and password. Errors: `REQUEST.INVALID`. */
export async function readCredentials(options: CheckedOptions, target: Target): Promise<ReadCredentials> {
  const { token, tokenFile } = options;
  if (token) return { credentials: { samlToken: token.reveal() }, secrets: [token] };
  if (tokenFile !== undefined) {
    const read = async (): Promise<Secret> => secretIn(tokenFile, 'tokenFile');
    // Once beforehand, so that a file that is not there is told as one.
    const secrets = [await read()];
    return { credentials: { samlToken: async () => (await read()).reveal() }, secrets };
  }
  const password = await passwordOf(options, target);
  const username = options.username ?? target.username;
  if (username === undefined) throw missing(target, 'an account', 'in the target or as option username');
  return { credentials: { username, password: password.reveal() }, secrets: [password] };
}

async function passwordOf({ password, passwordFile }: CheckedOptions, target: Target): Promise<Secret> {
  if (password) return password;
  if (passwordFile !== undefined) return secretIn(passwordFile, 'passwordFile');
  throw missing(target, 'a password', 'as option password or passwordFile, or a token as option token or tokenFile');
}

/** Errors: `REQUEST.INVALID` for a file that cannot be read, or that others can read. */
async function secretIn(file: string, option: string): Promise<Secret> {
  try {
    const { mode } = await stat(file);
    // Windows knows no such bits.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw new DriverError('REQUEST.INVALID', `File ${file} may be read by others; take that away (chmod 600).`);
    return new Secret((await readFile(file, 'utf8')).replace(/\r?\n$/, ''));
  } catch (error) {
    if (isDriverError(error)) throw error;
    throw new DriverError('REQUEST.INVALID', `File ${file} of option ${option} cannot be read.`, { cause: error });
  }
}

const missing = ({ host }: Target, what: string, where: string): DriverError =>
  new DriverError('REQUEST.INVALID', `Host ${host} needs ${what}; give it ${where}.`, { subject: host });
