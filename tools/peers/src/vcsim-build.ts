import { access, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtOnce } from './built-once.js';
import { contentKey } from './content-key.js';
import { goEnvironment, goToolchain, isAtLeast, type GoToolchain } from './go-toolchain.js';
import { PeerUnavailable } from './peer-unavailable.js';
import { runCommand } from './run-command.js';

/** `current`: the release of govmomi that vcsim/go.mod pins; `debian`: the one that Debian packages, from 2021. */
export type VcsimVariant = 'current' | 'debian';

/** A finished build. */
export interface VcsimBuild {
  readonly variant: VcsimVariant;
  /** `govmomi 0.54.0`, `govmomi 0.24.2-3 (Debian)` */
  readonly version: string;
  /** Path of the program. */
  readonly vcsim: string;
  /** Path of govmomi's command line client, of the `current` release only: Debian's package has none. */
  readonly govc: string | undefined;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = join(root, 'vcsim');
const debianSources = '/usr/share/gocode/src/github.com/vmware/govmomi';
/** What vcsim/go.mod asks for. */
const oldestGo: GoToolchain['version'] = [1, 25];
const buildMs = 15 * 60_000;

/** The variant that serves where none is asked for: `$VIRT_VCSIM`, or else the current one where Go is recent enough. */
export async function defaultVariant(): Promise<VcsimVariant> {
  const wanted = process.env.VIRT_VCSIM;
  if (wanted === 'current' || wanted === 'debian') return wanted;
  if (wanted) throw new TypeError(`VIRT_VCSIM must be 'current' or 'debian', not '${wanted}'.`);
  const go = await goToolchain();
  return go && isAtLeast(go, oldestGo) ? 'current' : 'debian';
}

/**
 * The simulator, built once for these sources and this Go, in `$VIRT_DRIVERS_CACHE/vcsim` or `.cache/vcsim` of the
 * repository. The first build takes about a minute.
 * @throws PeerUnavailable when it is not there and cannot be built on this machine.
 */
export async function vcsimBuild(variant: VcsimVariant): Promise<VcsimBuild> {
  const go = await goToolchain();
  const version = await (variant === 'current' ? pinnedVersion() : debianVersion());
  const cache = join(process.env.VIRT_DRIVERS_CACHE ?? join(root, '../../.cache'), 'vcsim');
  const facts = [variant, version, process.arch, String(go?.version)];
  return builtOnce({
    cache,
    key: `${variant}-${await contentKey(root, ['vcsim'], facts)}`,
    read: (directory) => readBuild(directory, variant, version),
    require: () => requireGo(variant, go),
    build: (directory) => (variant === 'current' ? buildCurrent(directory) : buildDebian(directory)),
  });
}

async function readBuild(directory: string, variant: VcsimVariant, version: string): Promise<VcsimBuild | undefined> {
  const vcsim = join(directory, 'vcsim');
  if (!existsSync(vcsim)) return undefined;
  return { variant, version, vcsim, govc: variant === 'current' ? join(directory, 'govc') : undefined };
}

function requireGo(variant: VcsimVariant, go: GoToolchain | undefined): void {
  if (!go) throw unavailable(variant, 'there is no go in PATH');
  if (variant === 'current' && !isAtLeast(go, oldestGo)) {
    throw unavailable(variant, `it needs Go ${oldestGo.join('.')}, and this is ${go.version.join('.')}`);
  }
}

async function buildCurrent(directory: string): Promise<void> {
  await goBuild(['-o', `${directory}/`, '.', './govc'], {});
}

/** Its sources are found like Debian's own Go packages find them: in a GOPATH, without modules. */
async function buildDebian(directory: string): Promise<void> {
  await goBuild(['-tags', 'debian', '-o', join(directory, 'vcsim'), '.'], {
    GO111MODULE: 'off',
    GOPATH: '/usr/share/gocode',
  });
}

async function goBuild(args: readonly string[], settings: NodeJS.ProcessEnv): Promise<void> {
  await runCommand('go', ['build', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w', ...args], {
    cwd: sources,
    env: goEnvironment(settings),
    timeoutMs: buildMs,
  });
}

async function pinnedVersion(): Promise<string> {
  const match = /govmomi v(\S+)/.exec(await readFile(join(sources, 'go.mod'), 'utf8'));
  return `govmomi ${match?.[1] ?? 'unknown'}`;
}

async function debianVersion(): Promise<string> {
  await access(debianSources).catch(() => {
    throw unavailable('debian', 'golang-github-vmware-govmomi-dev is not installed');
  });
  const query = ['-W', '-f', '${Version}', 'golang-github-vmware-govmomi-dev'];
  return `govmomi ${(await runCommand('dpkg-query', query)).stdout} (Debian)`;
}

function unavailable(variant: VcsimVariant, reason: string): PeerUnavailable {
  const hint = variant === 'current' ? 'Install a recent Go.' : 'Run `npm run setup` as root.';
  return new PeerUnavailable(`vcsim peer (${variant})`, reason, hint, { outsideApt: variant === 'current' });
}
