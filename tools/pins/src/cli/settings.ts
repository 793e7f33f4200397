import { join, resolve } from 'node:path';
import { userInfo } from 'node:os';
import { npmRegistry } from '../npm-registry.js';
import type { PinsContext } from '../pins-context.js';
import { failure } from '../problem.js';
import { openRegistry } from '../registry.js';
import { openCache } from '../tarball-cache.js';
import type { PinsTerminal } from './run-pins.js';

/** Options that every command has. */
export interface CommonFlags {
  readonly file: string;
  readonly channel?: string;
  readonly registry?: string;
  readonly cache?: string;
  readonly offline?: boolean;
  readonly tokenEnv?: string;
  readonly by?: string;
}

function cacheFolder({ cache }: CommonFlags, { env, cwd }: PinsTerminal): string {
  if (cache !== undefined) return resolve(cwd, cache);
  return join(env['XDG_CACHE_HOME'] ?? join(env['HOME'] ?? cwd, '.cache'), 'virt-drivers', 'tarballs');
}

// A token comes from the environment only: command lines are seen by everybody on the machine.
function tokenOf({ tokenEnv }: CommonFlags, { env }: PinsTerminal): string | undefined {
  if (tokenEnv === undefined) return undefined;
  const token = env[tokenEnv];
  if (token !== undefined && token !== '') return token;
  throw failure(
    'usage',
    tokenEnv,
    `The variable ${tokenEnv} is empty; put the registry's token into it, or leave --token-env out.`,
  );
}

/** Makes what the commands work with. */
export async function contextOf(
  flags: CommonFlags,
  terminal: PinsTerminal,
  signal: AbortSignal | undefined,
): Promise<PinsContext> {
  const { env, stderr } = terminal;
  const token = tokenOf(flags, terminal);
  const stop = signal === undefined ? {} : { signal };
  const url = flags.offline === true ? undefined : (flags.registry ?? (await npmRegistry(env)));
  if (url !== undefined && !URL.canParse(url))
    throw failure('usage', 'registry', `"${url}" is not the address of a registry.`);
  return {
    ...(url === undefined
      ? {}
      : { registry: openRegistry({ url, ...(token === undefined ? {} : { token }), ...stop }) }),
    cache: openCache(cacheFolder(flags, terminal)),
    ...stop,
    by: flags.by ?? env['GITHUB_ACTOR'] ?? userInfo().username,
    now: () => new Date(),
    note: (line) => void stderr.write(`${line}\n`),
  };
}
