import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const MACHINES = 1_000;
const MIB = 1 << 20;

/** The driver's own listing: every machine with state, disks and nics, as the contract has them. */
export async function measureInventory(peer, atMost) {
  const script = fileURLToPath(new URL('peers/own-inventory.mjs', import.meta.url));
  const env = { ...process.env, VSPHERE_PASSWORD: peer.password, VSPHERE_CA: peer.authority.certificate };
  const results = [];
  for (let round = 0; round < ROUNDS; round++) {
    const args = [script, `vsphere://${peer.username}@${new URL(peer.url).host}`];
    results.push(JSON.parse((await run(process.execPath, args, { env, timeout: 600_000 })).stdout));
  }
  for (const { count } of results) if (count !== MACHINES) throw new Error(`A listing had ${count} machines.`);
  const times = results.flatMap(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  // Everything that the contract has of a machine, devices and record included: no budget is set for that.
  console.log(
    `the driver's inventory of ${MACHINES} machines: median ${times[Math.floor(times.length / 2)].toFixed(0)} ms`,
  );
  atMost(
    "the driver's inventory, resident memory at its highest",
    Math.max(...results.map(({ rss }) => rss)) / MIB,
    160,
    'MiB',
  );
}
