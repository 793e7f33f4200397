// Measures this driver, and the instance flows over it, beside Nova's libvirt driver, python3-libvirt, virsh and qemu-img.
// Needs the build and root. `--only=lifecycle,inventory,image,migration` chooses.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { budgets } from './budgets.mjs';
import { compareImage } from './image.mjs';
import { compareInventory } from './inventory.mjs';
import { compareLifecycle } from './lifecycle.mjs';
import { compareMigration } from './migration.mjs';

const parts = {
  lifecycle: compareLifecycle,
  inventory: (_scratch, table) => compareInventory(table),
  image: compareImage,
  migration: (_scratch, table) => compareMigration(table),
};
const only = process.argv
  .find((arg) => arg.startsWith('--only='))
  ?.slice('--only='.length)
  .split(',');
const table = budgets();
const scratch = await mkdtemp(join(tmpdir(), 'bench-driver-libvirt-'));
try {
  for (const [name, run] of Object.entries(parts)) if (only?.includes(name) ?? true) await run(scratch, table);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
process.exitCode = table.report() ? 0 : 1;
