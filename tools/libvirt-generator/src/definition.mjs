import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The release the bindings are generated from, and the checksum of its source as Debian publishes it. */
const VERSION = '9.0.0';
const SHA256 = 'deca5cff1b7baac297bca9663907c61f71a47183371dc7ac019c107806d5435a';
const MEMBERS = ['src/remote/*.x', 'src/**.c', 'include/libvirt/*.h', 'include/libvirt/*.h.in'];

/**
 * Downloads libvirt's source package into a cache outside the repository and unpacks what the generator reads.
 * Nothing is installed and the machine's apt configuration is not touched.
 * @returns {string} the directory of the unpacked source
 */
export function obtainDefinition() {
  const cache = join(process.env['VIRT_DRIVERS_CACHE'] ?? join(ROOT, '.cache'), 'libvirt-generator');
  const source = join(cache, `libvirt-${VERSION}`);
  if (existsSync(join(source, 'src/remote/remote_protocol.x'))) return source;
  mkdirSync(join(cache, 'lists', 'partial'), { recursive: true });
  const archive = download(cache);
  const patterns = MEMBERS.map((member) => `libvirt-${VERSION}/${member}`);
  execFileSync('tar', ['-xJf', archive, '-C', cache, '--wildcards', ...patterns]);
  return source;
}

/** The mirror that this machine's apt uses for packages; $DEBIAN_MIRROR where it has none, or another release. */
function mirrorOfApt() {
  const named = process.env['DEBIAN_MIRROR'];
  if (named) return named;
  const targets = ['indextargets', '--format', '$(SITE)', 'Created-By: Packages', 'Component: main'];
  const [first] = execFileSync('apt-get', targets, { encoding: 'utf8' }).split('\n');
  if (!first) throw new Error('apt has no package lists here; run apt-get update, or set DEBIAN_MIRROR.');
  return first;
}

/** @param {string} cache */
function download(cache) {
  const mirror = mirrorOfApt();
  const list = join(cache, 'sources.list');
  writeFileSync(list, `deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror} bookworm main\n`);
  const options = [
    '-o',
    `Dir::Etc::sourcelist=${list}`,
    '-o',
    'Dir::Etc::sourceparts=/dev/null',
    '-o',
    `Dir::State::lists=${join(cache, 'lists')}`,
  ];
  execFileSync('apt-get', [...options, '-qq', 'update'], { cwd: cache, stdio: ['ignore', 'ignore', 'inherit'] });
  execFileSync('apt-get', [...options, '-qq', 'source', '--download-only', 'libvirt'], { cwd: cache, stdio: 'ignore' });
  const name = readdirSync(cache).find((file) => file === `libvirt_${VERSION}.orig.tar.xz`);
  if (name === undefined)
    throw new Error(`libvirt ${VERSION} is not what the Debian mirror ${mirror} offers; set DEBIAN_MIRROR.`);
  const archive = join(cache, name);
  const sum = createHash('sha256').update(readFileSync(archive)).digest('hex');
  if (sum !== SHA256) throw new Error(`${archive} has the checksum ${sum}, expected ${SHA256}.`);
  return archive;
}
