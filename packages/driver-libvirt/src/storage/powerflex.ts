import { DriverError, isDriverError, poolId, type CallOptions, type VolumeId } from '@virt-drivers/core';
import { withUndo } from '@virt-drivers/core/kit';
import { FORMATS, sameBytes } from '../convert/volume-xml.js';
import type { Gateway } from '../powerflex/gateway.js';
import type { Backend, NewFile, OldFile, Place } from './backend.js';
import { send } from './content.js';
import { download, exportFile } from './export.js';
import { fillFrom } from './filling.js';
import { checkFormat } from './making.js';
import { hold, letGo, refuseElsewhere, unmapHere, withVolumes } from './powerflex-mapping.js';
import { gatewayName, makingName, wholeUnits } from './powerflex-names.js';
import type { PowerFlexPool } from './powerflex-pool.js';
import { withStagedContent } from './staged-content.js';
import { stagingPlace } from './staging.js';

/** Volumes of PowerFlex: made by its gateway, and block devices of the host while they are mapped to it. */
export const powerflex: Backend = {
  name: 'powerflex',
  format: 'raw',
  takes: FORMATS,
  // The gateway gives the ids; until it has, this is what the volume is looked for by.
  keyOf: gatewayName,
  // New volumes are zeros: that is asked of the pool.
  blank: (place, volume, options) => makeNew(place, volume, options, nothing),
  fromContent: (place, volume, report, options) =>
    makeNew(place, volume, options, async (id) => {
      const { session } = place;
      const { content } = volume;
      if (sameBytes(checkFormat(content.format), 'raw'))
        await withVolumes(session, [id], options, () => send(session, id, content, report, options));
      else
        await withStagedContent(session, volume, report, options, (source) =>
          withVolumes(session, [id], options, () => fillFrom(session, id, source, report, options)),
        );
    }),
  clone: (place, volume, options) =>
    makeNew(place, volume, options, (id) =>
      withVolumes(place.session, [id], options, () =>
        fillFrom(place.session, id, volume.source, () => undefined, options),
      ),
    ),
  // A snapshot is a volume like any, that shares what nobody has overwritten: no byte is copied.
  async fromImage(place, volume, options) {
    const { image, sizeBytes } = volume;
    if (image.id.pool !== volume.id.pool) {
      const message = `Volume ${volume.name} can continue volumes of its own pool only; copy it.`;
      throw new DriverError('REQUEST.INVALID', message);
    }
    const pool = poolOf(place);
    const [{ systemId }, base] = await Promise.all([pool.identity(options), pool.volumeId(image.id.key, options)]);
    return make(
      place,
      volume,
      options,
      (gateway, name) => gateway.snapshot(systemId, base, name, options),
      async (id) => {
        if (wholeUnits(sizeBytes) > image.native.capacityBytes) await resize(place, id, sizeBytes, options);
      },
    );
  },
  growsBelowMachines: true,
  grow: (place, { id }, sizeBytes, options) => resize(place, id, sizeBytes, options),
  export: exportVolume,
  async remove(place, id, options) {
    const pool = poolOf(place);
    const volumeId = await pool.volumeId(id.key, options);
    await removeAt(pool, volumeId, options);
  },
  async usage(place, { native }, options) {
    const all = await poolOf(place).list(options);
    return all
      .filter(({ backing }) => backing?.path === native.path)
      .map(({ fileName: key }) => ({ pool: poolId(place.native.name), key }));
  },
};

const nothing = (): Promise<void> => Promise.resolve();

/** Makes a volume of the gateway's own. Errors: `CAPABILITY.CONDITION_UNMET` where it could hold what others wrote. */
async function makeNew(
  place: Place,
  volume: NewFile,
  options: CallOptions,
  fill: (id: VolumeId) => Promise<void>,
): Promise<VolumeId> {
  const { storagePoolId, zeroPadding } = await poolOf(place).identity(options);
  if (!zeroPadding) throw unpadded(volume);
  const { sizeBytes, thick } = volume;
  const wanted = { storagePoolId, sizeBytes: wholeUnits(sizeBytes), thick };
  return make(place, volume, options, (gateway, name) => gateway.create({ ...wanted, name }, options), fill);
}

/**
 * Makes a volume under a name that nobody else has, and gives it its own when it is complete: what a killed process leaves
 * is no volume to anybody, and after an error it is known which one to take back, also where the gateway did not tell.
 */
async function make(
  place: Place,
  { name }: NewFile,
  options: CallOptions,
  start: (gateway: Gateway, making: string) => Promise<string>,
  fill: (id: VolumeId) => Promise<void>,
): Promise<VolumeId> {
  const pool = poolOf(place);
  const gateway = await pool.gateway();
  const making = makingName();
  return withUndo(async (undo) => {
    const volumeId = await undo.attempt(
      `volume ${name}`,
      (own) => removeNamed(pool, making, own),
      () => start(gateway, making),
    );
    undo.push(`volume ${volumeId}`, (own) => removeAt(pool, volumeId, own));
    const id = { pool: poolId(place.native.name), key: await pool.keyOf(volumeId, options) };
    await fill(id);
    await gateway.rename(volumeId, gatewayName(name), options);
    return id;
  });
}

async function resize(place: Place, id: VolumeId, sizeBytes: bigint, options: CallOptions): Promise<void> {
  const pool = poolOf(place);
  const volumeId = await pool.volumeId(id.key, options);
  const gateway = await pool.gateway();
  const wanted = wholeUnits(sizeBytes);
  if ((await gateway.volume(volumeId, options)).sizeInKb < wanted) await gateway.resize(volumeId, wanted, options);
}

async function* exportVolume(
  { session }: Place,
  volume: OldFile,
  format: Parameters<Backend['export']>[2],
  options: CallOptions,
): AsyncGenerator<Uint8Array> {
  try {
    await hold(session, volume.id, options);
    if (sameBytes(checkFormat(format), 'raw')) yield* download(session, volume.id, options);
    else yield* exportFile(await stagingPlace(session, options), volume, format, options);
  } finally {
    // Also when the reader leaves early or gave up: not under its signal.
    await letGo(session, volume.id, {});
  }
}

/** Removes a volume that no other host has; one that is gone is no error. Errors: `VOLUME.IN_USE`. */
async function removeAt(pool: PowerFlexPool, volumeId: string, options: CallOptions): Promise<void> {
  const gateway = await pool.gateway();
  try {
    await unmapHere(pool, volumeId, options, refuseElsewhere);
    await gateway.remove(volumeId, options);
  } catch (error) {
    if (!isDriverError(error, 'VOLUME.NOT_FOUND')) throw error;
  }
}

async function removeNamed(pool: PowerFlexPool, name: string, options: CallOptions): Promise<void> {
  const { storagePoolId } = await pool.identity(options);
  const volumes = await (await pool.gateway()).volumes(storagePoolId, options);
  const found = volumes.find((volume) => volume.name === name);
  if (found) await removeAt(pool, found.id, options);
}

function poolOf({ session, native: { name } }: Place): PowerFlexPool {
  const pool = session.powerflex(name);
  if (pool) return pool;
  throw new DriverError('DRIVER.FAULT', `Pool ${name} has no PowerFlex system behind it.`, { subject: name });
}

function unpadded({ name, id }: NewFile): DriverError {
  const reason =
    'Without zero padding a new volume shows what its blocks held before; turn it on for the storage pool.';
  const condition = { needs: 'host-feature', value: 'zero padding', reason } as const;
  return new DriverError('CAPABILITY.CONDITION_UNMET', `Volume ${name} cannot be made in pool ${id.pool}. ${reason}`, {
    condition,
  });
}
