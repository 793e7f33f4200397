import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const script = fileURLToPath(new URL('peers/own-flow.mjs', import.meta.url));

/** Moves a volume of so many GiB up as holes, and down both as bytes and as holes: what each took, and grew by. */
export async function flows(peer, gib) {
  const name = 'flow.raw';
  await peer.virsh(['vol-create-as', 'default', name, `${gib}GiB`, '--format', 'raw', '--allocation', '0']);
  const results = {};
  for (const [title, ...args] of [
    ['sparse upload', 'upload', 'sparse'],
    ['download', 'download'],
    ['sparse download', 'download', 'sparse'],
  ]) {
    const { stdout } = await run(process.execPath, [script, peer.uri, name, gib, ...args], { timeout: 600_000 });
    results[title] = JSON.parse(stdout);
    if (results[title].bytes !== gib * 2 ** 30) throw new Error(`The ${title} moved ${results[title].bytes} bytes.`);
  }
  await peer.virsh(['vol-delete', name, '--pool', 'default']);
  return results;
}
