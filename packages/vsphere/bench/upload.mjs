import { execFile, execFileSync } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { environmentOf } from './measure.mjs';

const run = promisify(execFile);
const MIB = 1 << 20;

/** Seconds to upload the same file with curl and with this package, in turn, and how much this package's memory grew. */
export async function compareUpload(peer, scratch, gib, rounds) {
  const file = join(scratch, 'content');
  await writeContent(file, gib);
  const base = new URL('/folder/', peer.url);
  const curl = [];
  const own = [];
  let growth = 0;
  for (let round = 0; round < rounds; round++) {
    const target = new URL('curl.bin?dcPath=DC0&dsName=LocalDS_0', base);
    settle();
    const start = performance.now();
    const args = ['-sS', '--fail', '--cacert', peer.authority.certificate, '-o', '/dev/null', '-T', file, target.href];
    await run('curl', args, { timeout: 600_000 });
    curl.push((performance.now() - start) / 1000);
    const script = fileURLToPath(new URL('peers/own-upload.mjs', import.meta.url));
    const options = { env: environmentOf(peer), timeout: 600_000 };
    settle();
    const { stdout } = await run(process.execPath, [script, peer.url, file, 'own.bin'], options);
    const result = JSON.parse(stdout);
    own.push(result.seconds);
    growth = Math.max(growth, result.growth);
  }
  await rm(file);
  return { curl: Math.min(...curl), own: Math.min(...own), growth };
}

/** What the upload before wrote would be written beside, and on the account of, the next. */
const settle = () => execFileSync('sync');

async function writeContent(file, gib) {
  const handle = await open(file, 'w');
  const block = Buffer.alloc(64 * MIB, 'not a hole ');
  for (let written = 0; written < gib * 1024; written += 64) await handle.write(block);
  await handle.close();
}
