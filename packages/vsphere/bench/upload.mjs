import { execFile, execFileSync } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { environmentOf } from './measure.mjs';

const run = promisify(execFile);
const MIB = 1 << 20;

/**
 * Seconds to upload a file with curl and with this package, in turn, and how much this package's memory grew. Both write
 * over the same file, which is there already: to find room for a new one costs the server's disk more than the transfer.
 */
export async function compareUpload(peer, scratch, gib, rounds) {
  const file = join(scratch, 'content');
  await writeContent(file, gib);
  const target = new URL('/folder/upload.bin?dcPath=DC0&dsName=LocalDS_0', peer.url);
  const byCurl = async () => {
    const args = ['-sS', '--fail', '--cacert', peer.authority.certificate, '-o', '/dev/null', '-T', file, target.href];
    const start = performance.now();
    await run('curl', args, { timeout: 600_000 });
    return { seconds: (performance.now() - start) / 1000 };
  };
  const byThis = async () => {
    const script = fileURLToPath(new URL('peers/own-upload.mjs', import.meta.url));
    const options = { env: environmentOf(peer), timeout: 600_000 };
    return JSON.parse((await run(process.execPath, [script, peer.url, file, 'upload.bin'], options)).stdout);
  };
  await byCurl();
  const clients = { curl: byCurl, own: byThis };
  const results = { curl: [], own: [] };
  for (let round = 0; round < rounds; round++) {
    const names = Object.keys(clients);
    for (const name of round % 2 ? names.toReversed() : names) {
      // What was written before would be written beside, and on the account of, what is next.
      execFileSync('sync');
      results[name].push(await clients[name]());
    }
  }
  await rm(file);
  const best = (name) => Math.min(...results[name].map(({ seconds }) => seconds));
  return { curl: best('curl'), own: best('own'), growth: Math.max(...results.own.map(({ growth }) => growth)) };
}

async function writeContent(file, gib) {
  const handle = await open(file, 'w');
  const block = Buffer.alloc(64 * MIB, 'not a hole ');
  for (let written = 0; written < gib * 1024; written += 64) await handle.write(block);
  await handle.close();
}
