// Puts the pnpm that package.json pins, checked against its sha512, into .tools/. Needs only node and npm.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** @param {string | undefined} field the `packageManager` of package.json */
export function parsePin(field) {
  const match = /^pnpm@(\d+\.\d+\.\d+)\+sha512\.([0-9a-f]{128})$/.exec(field ?? '');
  if (!match) throw new Error(`packageManager must read pnpm@x.y.z+sha512.<128 hex digits>, not ${field}.`);
  return { version: match[1], sha512: match[2] };
}

/** The directory that holds the pinned `pnpm` command; fetched on first use. */
export function pnpmBin() {
  const pin = parsePin(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager);
  const home = join(root, '.tools', `pnpm-${pin.version}`);
  const bin = join(home, 'node_modules', '.bin');
  if (!existsSync(join(bin, 'pnpm'))) fetchPnpm(pin, home);
  return bin;
}

function fetchPnpm({ version, sha512 }, home) {
  mkdirSync(dirname(home), { recursive: true });
  const scratch = mkdtempSync(`${home}-`);
  try {
    const npm = (args) =>
      execFileSync('npm', args, { cwd: scratch, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    const [{ filename }] = JSON.parse(npm(['pack', `pnpm@${version}`, '--json', '--ignore-scripts']));
    const tarball = join(scratch, filename);
    const actual = createHash('sha512').update(readFileSync(tarball)).digest('hex');
    if (actual !== sha512) throw new Error(`pnpm@${version} has sha512 ${actual}, but package.json pins ${sha512}.`);
    npm(['install', '--prefix', scratch, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', tarball]);
    rmSync(tarball);
    rmSync(home, { recursive: true, force: true });
    renameSync(scratch, home);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const bin = pnpmBin();
  if (process.env.GITHUB_PATH) appendFileSync(process.env.GITHUB_PATH, `${bin}\n`);
  console.log(join(bin, 'pnpm'));
}
