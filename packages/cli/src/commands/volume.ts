import { sameVolume, type Volume } from '@virt-drivers/core';
import { textFlag, type Register } from '../command.js';
import { formatFlag } from '../disk-format-flag.js';
import { computeOver, instanceIdOf } from '../instances.js';
import { examples } from '../examples.js';
import { resolveMachine, resolvePool, resolveVolume } from '../machine-reference.js';
import { humanBytes } from '../output/human.js';
import { parseSize } from '../parse-size.js';
import { registerVolumeChanges } from './volume-changes.js';

export const registerVolume: Register = (program, attach) => {
  const group = program
    .command('volume')
    .summary('volumes and their pools')
    .description('Lists, makes, attaches and detaches volumes.')
    .addHelpText(
      'after',
      examples(
        'virt volume create data 10G',
        'virt volume attach web data --serial data',
        'virt volume list --pool default',
      ),
    );
  attach(
    group.command('list').description('Lists the volumes of a pool, or of all pools.').option('--pool <name>'),
    ({ call, output, settings, withDriver }, _, flags) =>
      withDriver(async (driver) => {
        const wanted = textFlag(flags, 'pool') ?? settings.pool;
        const pools =
          wanted === undefined ? await driver.volumes.pools(call).all() : [await resolvePool(driver, wanted, call)];
        const lists = await Promise.all(
          pools.map(async (pool) => {
            const volumes = pool.state === 'ready' ? await driver.volumes.list(pool.id, call).all() : [];
            return volumes.map((volume) => ({ pool: pool.name, volume }));
          }),
        );
        const all = lists.flat();
        const row = ({ pool, volume: v }: { pool: string; volume: Volume }) => [
          pool,
          v.name,
          v.format,
          humanBytes(v.sizeBytes),
          humanBytes(v.allocatedBytes),
          v.attachedTo.length,
        ];
        await output.table(
          ['POOL', 'NAME', 'FORMAT', 'SIZE', 'ALLOCATED', 'MACHINES'],
          all.map(row),
          all.map(({ volume }) => volume),
        );
      }),
  );
  attach(
    group
      .command('create')
      .description('Makes a volume of zeros.')
      .argument('<name>')
      .argument('<size>', 'for example 10G')
      .option('--pool <name>')
      .option('--format <format>', "raw, qcow2 …; default: the pool's own"),
    ({ call, output, settings, withDriver }, [name = '', size = ''], flags) =>
      withDriver(async (driver) => {
        const sizeBytes = parseSize(size);
        const pool = await resolvePool(driver, textFlag(flags, 'pool') ?? settings.pool, call);
        const volume = await driver.volumes.create(
          { pool: pool.id, name, sizeBytes, ...formatFlag(textFlag(flags, 'format')) },
          call,
        );
        output.done(
          `Volume ${pool.name}/${volume.name} is made (${humanBytes(volume.sizeBytes)}, ${volume.format}).`,
          volume,
        );
      }),
  );
  attach(
    group
      .command('delete')
      .description('Deletes a volume that nothing uses.')
      .argument('<volume>', 'pool/name, or a name in the default pool'),
    ({ call, output, settings, withDriver }, [reference = '']) =>
      withDriver(async (driver) => {
        const id = await resolveVolume(driver, reference, settings.pool, call);
        await driver.volumes.delete(id, call);
        output.done(`Volume ${reference} is deleted.`, id);
      }),
  );
  attach(
    group
      .command('attach')
      .description('Attaches a volume to a machine, also while it runs.')
      .argument('<machine>')
      .argument('<volume>', 'pool/name, or a name in the default pool')
      .option('--serial <text>', 'what the guest can read from the disk')
      .option('--read-only'),
    ({ call, output, settings, withDriver }, [reference = '', volume = ''], flags) =>
      withDriver(async (driver) => {
        const machine = await resolveMachine(driver, reference, call);
        const id = await resolveVolume(driver, volume, settings.pool, call);
        const serial = textFlag(flags, 'serial');
        const wish = { ...(serial ? { serial } : {}), readOnly: flags['readOnly'] === true };
        const instanceId = await instanceIdOf(machine);
        const disk = instanceId
          ? await (await computeOver(driver)).attachVolume(instanceId, id, wish, call)
          : await driver.disks.attach(machine.id, { ...wish, volume: id }, call);
        output.done(`Volume ${volume} is attached to machine ${machine.name} as disk ${disk.id}.`, disk);
      }),
  );
  attach(
    group
      .command('detach')
      .description('Detaches a volume from a machine; the volume stays.')
      .argument('<machine>')
      .argument('<volume>'),
    ({ call, output, settings, withDriver }, [reference = '', volume = '']) =>
      withDriver(async (driver) => {
        const machine = await resolveMachine(driver, reference, call);
        const id = await resolveVolume(driver, volume, settings.pool, call);
        const instanceId = await instanceIdOf(machine);
        const disk = machine.disks.find((each) => each.volume && sameVolume(each.volume, id));
        if (instanceId) await (await computeOver(driver)).detachVolume(instanceId, id, call);
        else if (disk) await driver.disks.detach(machine.id, disk.id, call);
        output.done(`Volume ${volume} is detached from machine ${machine.name}.`, { machine: machine.id, volume: id });
      }),
  );
  registerVolumeChanges(group, attach);
  attach(group.command('pools').description('Lists the pools.'), ({ call, output, withDriver }) =>
    withDriver(async (driver) => {
      const all = await driver.volumes.pools(call).all();
      const rows = all.map((pool) => [
        pool.name,
        pool.kind,
        pool.state,
        humanBytes(pool.freeBytes),
        humanBytes(pool.capacityBytes),
        pool.formats.join(' '),
      ]);
      await output.table(['NAME', 'KIND', 'STATE', 'FREE', 'CAPACITY', 'FORMATS'], rows, all);
    }),
  );
};
