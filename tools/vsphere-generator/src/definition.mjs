import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The Debian package whose tables the client is generated from, and its checksum as Debian publishes it. */
const VERSION = '6.7.1-4';
const ARCHIVE = `python3-pyvmomi_${VERSION}_all.deb`;
const SHA256 = '5d5c99d93719e8f476885f31ecf75c6ab1381ba702e6e716b4e1f172b0ed294d';

/** Where Debian installs it, which the project's setup does for its tests. */
const INSTALLED = '/usr/lib/python3/dist-packages/pyVmomi';

/** Whether that release is installed. */
function isInstalled() {
  if (!existsSync(join(INSTALLED, 'PbmObjects.py'))) return false;
  try {
    const query = ['-W', '-f', '${Version}', 'python3-pyvmomi'];
    return execFileSync('dpkg-query', query, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }) === VERSION;
  } catch {
    return false;
  }
}

/** @param {string} cache */
function download(cache) {
  try {
    execFileSync('apt-get', ['-qq', 'download', `python3-pyvmomi=${VERSION}`], { cwd: cache, stdio: 'ignore' });
  } catch (cause) {
    const advice = `Run apt-get update on Debian 12 first, or put ${ARCHIVE} of Debian's archive into ${cache}.`;
    throw new Error(`apt-get could not download python3-pyvmomi ${VERSION}. ${advice}`, { cause });
  }
}

/**
 * The tables of the installed package; or else downloads python3-pyvmomi with apt into a cache outside the
 * repository and unpacks it there.
 * @returns {string} the directory of the tables
 */
export function obtainDefinition() {
  if (isInstalled()) return INSTALLED;
  const cache = join(process.env['VIRT_DRIVERS_CACHE'] ?? join(ROOT, '.cache'), 'vsphere-generator');
  const tables = join(cache, 'unpacked/usr/lib/python3/dist-packages/pyVmomi');
  if (existsSync(join(tables, 'PbmObjects.py'))) return tables;
  mkdirSync(cache, { recursive: true });
  const archive = join(cache, ARCHIVE);
  if (!existsSync(archive)) download(cache);
  const sum = createHash('sha256').update(readFileSync(archive)).digest('hex');
  if (sum !== SHA256) throw new Error(`${archive} has the checksum ${sum}, expected ${SHA256}.`);
  execFileSync('dpkg-deb', ['-x', archive, join(cache, 'unpacked')]);
  return tables;
}
