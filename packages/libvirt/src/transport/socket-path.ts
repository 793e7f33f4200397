import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { LibvirtUri } from '../uri.js';
import { givenDaemon, installedDaemon } from './daemon-program.js';

/** Where a local daemon listens: its own socket of a modular daemon where there is one, else libvirtd's. */
export function socketPath(uri: LibvirtUri, readOnly: boolean): string {
  const given = uri.parameters.get('socket');
  if (given !== undefined) return given;
  const own = usesUserDaemon(uri);
  const directory = own ? sessionDirectory() : '/run/libvirt';
  const suffix = readOnly && !own ? '-sock-ro' : '-sock';
  const legacy = join(directory, `libvirt${suffix}`);
  const direct = uri.driver === undefined ? undefined : join(directory, `virt${uri.driver}d${suffix}`);
  const mode = uri.parameters.get('mode') ?? 'auto';
  if (direct === undefined || mode === 'legacy') return legacy;
  if (mode === 'direct' || existsSync(direct)) return direct;
  return own && !existsSync(legacy) && startsModular(uri.driver ?? '') ? direct : legacy;
}

/** Where no daemon of the user listens yet, the one to start is of the kind that is installed. */
function startsModular(driver: string): boolean {
  return givenDaemon() === undefined && installedDaemon(`virt${driver}d`) !== undefined;
}

/** root has no daemon of its own: started by root, a daemon is the system's. */
export function usesUserDaemon(uri: LibvirtUri): boolean {
  return uri.session && process.geteuid?.() !== 0;
}

/** The same directory that libvirt's session daemons use. */
export function sessionDirectory(): string {
  const runtime = process.env['XDG_RUNTIME_DIR'] ?? process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(runtime, 'libvirt');
}
