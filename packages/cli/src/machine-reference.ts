import {
  DriverError,
  isDriverError,
  machineId,
  type CallOptions,
  type Machine,
  type OpenDriver,
  type Pool,
  type VolumeId,
} from '@virt-drivers/core';

/**
 * The machine that a person means: by machine id, by the instance that owns it, or by a name that only one machine has.
 * Errors: `MACHINE.NOT_FOUND`, `REQUEST.INVALID` (several machines have that name).
 */
export async function resolveMachine(driver: OpenDriver, reference: string, options: CallOptions): Promise<Machine> {
  try {
    return await driver.machines.get(machineId(reference), options);
  } catch (error) {
    if (!isDriverError(error, 'MACHINE.NOT_FOUND', 'REQUEST.INVALID')) throw error;
  }
  if (/^[A-Za-z0-9._:-]{1,128}$/.test(reference)) {
    const owned = await driver.machines.find({ recordOwner: reference }, options);
    if (owned) return owned;
  }
  const named: Machine[] = [];
  for await (const machine of driver.machines.list({}, options)) if (machine.name === reference) named.push(machine);
  const [only, second] = named;
  if (only && !second) return only;
  const ids = named.map(({ id }) => id).join(', ');
  throw only
    ? new DriverError('REQUEST.INVALID', `Machine name ${reference} is not unique; use one of these ids: ${ids}.`, {
        subject: reference,
      })
    : new DriverError(
        'MACHINE.NOT_FOUND',
        `Machine ${reference} does not exist here. See what does with: virt list --all`,
        { subject: reference },
      );
}

/** The pool of this name or id, or the only (or first ready) one. Errors: `POOL.NOT_FOUND`. */
export async function resolvePool(
  driver: OpenDriver,
  reference: string | undefined,
  options: CallOptions,
): Promise<Pool> {
  const pools = await driver.volumes.pools(options).all();
  const names = pools.map(({ name }) => name).join(', ') || 'none';
  const found =
    reference === undefined
      ? pools.find(({ state }) => state === 'ready')
      : pools.find(({ id, name }) => id === reference || name === reference);
  if (found) return found;
  throw new DriverError(
    'POOL.NOT_FOUND',
    reference === undefined
      ? `No pool is ready here (there are: ${names}). Make one with the hypervisor's own tools, or name one with --pool.`
      : `Pool ${reference} does not exist here. There are: ${names}.`,
  );
}

/** A volume as `pool/name`, or a name in the default pool. Errors: `POOL.NOT_FOUND`, `VOLUME.NOT_FOUND`. */
export async function resolveVolume(
  driver: OpenDriver,
  reference: string,
  defaultPool: string | undefined,
  options: CallOptions,
): Promise<VolumeId> {
  const slash = reference.indexOf('/');
  const poolReference = slash > 0 ? reference.slice(0, slash) : defaultPool;
  const name = slash > 0 ? reference.slice(slash + 1) : reference;
  const pool = await resolvePool(driver, poolReference, options);
  const volume = await driver.volumes.find({ pool: pool.id, name }, options);
  if (volume) return volume.id;
  throw new DriverError(
    'VOLUME.NOT_FOUND',
    `Volume ${name} does not exist in pool ${pool.name}. See what does with: virt volume list`,
    {
      subject: name,
    },
  );
}
