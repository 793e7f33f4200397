import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { detailOf, messageOf } from './error-detail.js';
import type { PinsContext } from './pins-context.js';
import type { Pin } from './pins-schema.js';
import { failure } from './problem.js';
import type { Tarball } from './tarball.js';

const INSTALL_MILLISECONDS = 180_000;

/** Packages installed from their tarballs in a folder of their own. */
export interface Installation {
  readonly folder: string;
  close(): Promise<void>;
}

// Scripts of packages are never run, and what npm prints may hold the address of a registry with a password in it.
function npmArguments({ registry }: PinsContext): readonly string[] {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  return registry === undefined
    ? ['install', ...quiet, '--offline']
    : ['install', ...quiet, '--prefer-offline', `--registry=${registry.url}`];
}

/** Installs tarballs together; what they depend on comes from the registry. Errors: `conformance-not-run`. */
export async function installTarballs(
  packages: readonly { readonly pin: Pick<Pin, 'package'>; readonly tarball: Tarball }[],
  context: PinsContext,
): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'virt-pins-'));
  const close = () => rm(folder, { recursive: true, force: true });
  try {
    const files = packages.map(
      async ({ pin, tarball }) => [pin.package, `file:${await context.cache.keep(tarball.bytes)}`] as const,
    );
    const dependencies = Object.fromEntries(await Promise.all(files));
    await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
    await promisify(execFile)('npm', [...npmArguments(context)], {
      cwd: folder,
      timeout: INSTALL_MILLISECONDS,
      ...(context.signal === undefined ? {} : { signal: context.signal }),
    });
    return { folder, close };
  } catch (error) {
    await close();
    const names = packages.map(({ pin }) => pin.package).join(', ');
    const reason = String(detailOf(error, 'stderr') ?? messageOf(error)).trim();
    throw failure('conformance-not-run', names, `The tarballs of ${names} do not install together: ${reason}`, error);
  }
}
