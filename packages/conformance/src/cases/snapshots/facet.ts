import type { Snapshots } from '@virt-drivers/core';
import type { Bench } from '../../bench/bench.js';

/** The facet; the case requires it. */
export function snapshotsOf({ driver }: Bench): Snapshots {
  if (!driver.snapshots) throw new Error('The case uses snapshots but does not require them.');
  return driver.snapshots;
}

/** Going back; the case requires it. */
export async function revertTo(
  bench: Bench,
  ...[machine, snapshot]: [...Parameters<NonNullable<Snapshots['revert']>>]
): Promise<void> {
  const facet = snapshotsOf(bench);
  if (!facet.revert) throw new Error('The case reverts but does not require snapshots.revert.');
  if (bench.condition('snapshots.revert', 'machine-stopped')) await bench.driver.power.kill(machine, bench.call);
  await facet.revert(machine, snapshot, bench.call);
}
