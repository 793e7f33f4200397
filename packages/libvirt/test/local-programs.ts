import { chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand, type LibvirtPeer } from '@virt-drivers/peers';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));

export interface LocalOutcome {
  readonly uri?: string;
  /** Whether a domain could be defined: true, or the code of the refusal. */
  readonly changes?: true | string;
  readonly code?: string;
  readonly message?: string;
}

export interface LocalProgram {
  readonly uri: string;
  /** An account of this machine; root when left out. */
  readonly user?: string;
  readonly readOnly?: boolean;
  /** Tries to define a domain. */
  readonly change?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  /** Stands in for /etc. */
  readonly etc?: string;
}

/** Runs programs that use this package inside a peer, where libvirt's usual paths lead to it. */
export interface LocalPrograms {
  /** Readable by every user; goes with `close`. */
  readonly directory: string;
  run(peer: LibvirtPeer, program: LocalProgram): Promise<LocalOutcome>;
  close(): Promise<void>;
}

/** The package is bundled from its source, for a process without a test runner. */
export async function localPrograms(): Promise<LocalPrograms> {
  const directory = await mkdtemp(join(tmpdir(), 'local-'));
  await chmod(directory, 0o755);
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }');
  await cp(join(packageFolder, 'test/local-client.mjs'), join(directory, 'client.js'));
  const tsup = createRequire(import.meta.url).resolve('tsup/dist/cli-default.js');
  const args = ['src/index.ts', '--no-config', '--silent', '--format', 'esm', '--out-dir', directory];
  await runCommand(process.execPath, [tsup, ...args], { cwd: packageFolder });
  return {
    directory,
    async run(peer, { uri, user, env = {}, etc, ...options }) {
      const client = [process.execPath, join(directory, 'client.js'), join(directory, 'index.js'), uri];
      const command = [
        ...(etc === undefined ? [] : ['unshare', '--mount', 'sh', '-c', 'mount --bind "$0" /etc && exec "$@"', etc]),
        ...(user === undefined ? [] : ['setpriv', `--reuid=${user}`, '--regid=nogroup', '--clear-groups']),
        ...['env', ...Object.entries(env).map(([name, value]) => `${name}=${value ?? ''}`)],
        ...[...client, JSON.stringify(options)],
      ];
      const { stdout } = await peer.exec(command[0] ?? '', command.slice(1));
      // What the client program prints.
      return JSON.parse(stdout) as LocalOutcome;
    },
    close: () => rm(directory, { recursive: true, force: true }),
  };
}
