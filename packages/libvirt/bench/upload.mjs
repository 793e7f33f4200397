import { execFile } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MIB = 1 << 20;

/** Seconds to upload the same file with virsh and with this package, and how much this package's memory grew. */
export async function compareUpload(peer, scratch, gib) {
  const file = join(scratch, 'content');
  await writeContent(file, gib);
  const pool = ['--pool', 'default'];
  await peer.virsh(['vol-create-as', 'default', 'bench.raw', `${gib}GiB`, '--format', 'raw']);
  const start = performance.now();
  await peer.virsh(['vol-upload', 'bench.raw', file, ...pool], { timeoutMs: 600_000 });
  const virsh = (performance.now() - start) / 1000;
  await peer.virsh(['vol-delete', 'bench.raw', ...pool]);
  await peer.virsh(['vol-create-as', 'default', 'bench.raw', `${gib}GiB`, '--format', 'raw']);
  const script = fileURLToPath(new URL('peers/own-upload.mjs', import.meta.url));
  const { stdout } = await run(process.execPath, [script, peer.uri, file, 'bench.raw'], { timeout: 600_000 });
  await peer.virsh(['vol-delete', 'bench.raw', ...pool]);
  await rm(file);
  return { virsh, ...JSON.parse(stdout) };
}

async function writeContent(file, gib) {
  const handle = await open(file, 'w');
  const block = Buffer.alloc(64 * MIB, 'not a hole ');
  for (let written = 0; written < gib * 1024; written += 64) await handle.write(block);
  await handle.close();
}
