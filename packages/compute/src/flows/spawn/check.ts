import { DriverError, type CallOptions, type PoolId } from '@virt-drivers/core';
import { findInstance } from '../../instance/record-store.js';
import { alreadyClaimed } from './claim.js';
import type { SpawnContext } from './context.js';

/**
 * Finds what would go wrong anyway, before anything remote is changed: names of volumes that are taken, pools without
 * room, contents that the endpoint does not take.
 */
export async function check(context: SpawnContext, options: CallOptions): Promise<void> {
  const { driver, plan, resumed } = context;
  checkContents(context);
  if (!resumed) {
    for (const disk of plan) await checkFree(context, disk.pool, disk.volumeName, options);
  }
  for (const pool of new Set(plan.map((disk) => disk.pool))) {
    const { freeBytes, name } = await driver.volumes.pool(pool, options);
    const needed = plan
      .filter((disk) => disk.pool === pool && disk.provisioning === 'thick')
      .reduce<bigint>((sum, disk) => sum + disk.sizeBytes, 0n);
    if (needed > freeBytes) throw poolFull(name, needed, freeBytes);
  }
}

function checkContents({ driver, plan, spec }: SpawnContext): void {
  const contents = plan.some(({ origin }) => origin.kind !== 'blank');
  if (!contents || driver.volumes.createFromContent) return;
  const text = `Instance ${spec.instanceId} needs volumes with content, which this endpoint does not take; leave out image and config drive.`;
  throw new DriverError('CAPABILITY.ABSENT', text, { subject: spec.instanceId });
}

async function checkFree(
  { driver, spec }: SpawnContext,
  pool: PoolId,
  name: string,
  options: CallOptions,
): Promise<void> {
  const taken = await driver.volumes.find({ pool, name }, options);
  if (!taken) return;
  if (await findInstance(driver, spec.instanceId, options)) throw alreadyClaimed(spec);
  const text = `Volume ${name} is in pool ${pool} already and is not instance ${spec.instanceId}'s; look whose it is, or choose another id.`;
  throw new DriverError('VOLUME.EXISTS', text, { subject: name });
}

const poolFull = (name: string, needed: bigint, free: bigint): DriverError =>
  new DriverError(
    'POOL.FULL',
    `Pool ${name} has ${free} bytes free and ${needed} are to be set aside; free some or use another pool.`,
    { subject: name },
  );
