import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { LibvirtError } from '../libvirt-error.js';
import type { Credentials } from './mechanism.js';

type Groups = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * The login that libvirt's own clients would use for a host: from LIBVIRT_AUTH_FILE, else `given` (`?authfile=`), else
 * the user's or the system's auth.conf. Undefined when that says nothing about the host.
 *
 * @throws LibvirtError CONF_SYNTAX when the file points to credentials that it does not have.
 */
export async function credentialsFromFile(host: string, given: string | undefined): Promise<Credentials | undefined> {
  const file = await readAuthFile(given);
  if (!file) return undefined;
  const groups = parseGroups(file.text);
  const rule = groups.get(`auth-libvirt-${host === '' ? 'localhost' : host}`) ?? groups.get('auth-libvirt-default');
  if (!rule) return undefined;
  const name = rule.get('credentials');
  const found = name === undefined ? undefined : groups.get(`credentials-${name}`);
  if (!found) {
    const message = `Authentication file ${file.path} names no credentials for ${host} that it has: add the group [credentials-${name ?? 'NAME'}].`;
    throw new LibvirtError('CONF_SYNTAX', message);
  }
  const username = found.get('authname') ?? found.get('username');
  const password = found.get('password');
  return username === undefined || password === undefined ? undefined : { username, password };
}

async function readAuthFile(given: string | undefined): Promise<{ path: string; text: string } | undefined> {
  const named = process.env['LIBVIRT_AUTH_FILE'] ?? given;
  const home = process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config');
  const usual = [join(home, 'libvirt', 'auth.conf'), '/etc/libvirt/auth.conf'];
  for (const path of named === undefined ? usual : [named]) {
    try {
      return { path, text: await readFile(path, 'utf8') };
    } catch (error) {
      if (named === undefined) continue;
      const message = `Authentication file ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`;
      throw new LibvirtError('AUTH_FAILED', message, { cause: error });
    }
  }
  return undefined;
}

/** GLib's key file: groups in brackets, `key=value` lines, comments from `#`, a few escapes. */
export function parseGroups(text: string): Groups {
  const groups = new Map<string, Map<string, string>>();
  let group: Map<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const heading = /^\[(.+)\]\s*$/.exec(line)?.[1];
    const [, key, value] = /^\s*([^#=\s][^=]*?)\s*=\s*(.*)$/.exec(line) ?? [];
    if (heading !== undefined) groups.set(heading, (group = groups.get(heading) ?? new Map<string, string>()));
    else if (key !== undefined && value !== undefined) group?.set(key, unescape(value));
  }
  return groups;
}

const ESCAPES: Readonly<Record<string, string>> = { s: ' ', n: '\n', t: '\t', r: '\r', '\\': '\\' };

function unescape(value: string): string {
  return value.replace(/\\(.)/g, (whole, letter: string) => ESCAPES[letter] ?? whole);
}
