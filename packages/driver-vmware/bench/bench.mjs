// Measures what the driver is made of (packages/vsphere/bench), then the driver itself on a simulator. Needs the build.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startVcsim } from '@virt-drivers/peers';
import { measureEvent } from './event.mjs';
import { measureInventory } from './inventory.mjs';

const { status } = spawnSync(
  process.execPath,
  [fileURLToPath(new URL('../../vsphere/bench/bench.mjs', import.meta.url))],
  {
    stdio: 'inherit',
  },
);

const rows = [];
const atMost = (what, value, limit, unit) =>
  rows.push({
    what,
    value: `${value.toFixed(0)} ${unit}`,
    budget: `≤ ${limit} ${unit}`,
    met: value <= limit ? 'met' : 'MISSED',
  });

const peer = await startVcsim({ machines: 500, deadlineMs: 600_000 });
try {
  await measureInventory(peer, atMost);
  await measureEvent(peer, atMost);
} finally {
  await peer.stop();
}
console.table(rows);
process.exitCode = status !== 0 || rows.some(({ met }) => met === 'MISSED') ? 1 : 0;
