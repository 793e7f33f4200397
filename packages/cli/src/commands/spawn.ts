import { readFile } from 'node:fs/promises';
import { DriverError, networkId, type Bytes, type OpenDriver } from '@virt-drivers/core';
import type { FlowOptions, InstanceNic, InstanceSpec } from '@virt-drivers/compute';
import { collect, listFlag, textFlag, type Flags, type Register } from '../command.js';
import type { CommandContext } from '../command-context.js';
import { imageWish, openGate } from '../image-flags.js';
import { computeOver } from '../instances.js';
import { isMissing } from '../is-missing.js';
import { resolvePool } from '../machine-reference.js';
import { humanBytes } from '../output/human.js';
import { watchSteps } from '../output/steps.js';
import { parseSize } from '../parse-size.js';

const usage = (text: string): DriverError => new DriverError('REQUEST.INVALID', text);

const parsePairs = (pairs: readonly string[], what: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw usage(`${what} "${pair}" must look like name=value.`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );

async function userData(path: string | undefined): Promise<{ userData?: Uint8Array }> {
  if (path === undefined) return {};
  try {
    return { userData: await readFile(path) };
  } catch (error) {
    throw isMissing(error) ? usage(`User data file ${path} does not exist.`) : error;
  }
}

async function nicsOf(
  driver: OpenDriver,
  names: readonly string[],
  context: CommandContext,
): Promise<readonly InstanceNic[]> {
  if (names.length === 0) return [];
  const [host] = await driver.hosts.list(context.call).all();
  const networks = host ? (await driver.hosts.inventory(host.id, context.call)).networks : [];
  return names.map((name) => {
    const found = networks.find((network) => network.id === networkId(name) || network.name === name);
    if (found) return { network: found.id };
    throw new DriverError(
      'NETWORK.NOT_FOUND',
      `Network ${name} does not exist here. There are: ${networks.map((each) => each.name).join(', ') || 'none'}.`,
    );
  });
}

const sizes = (flags: Flags, name: string): readonly Bytes[] => listFlag(flags, name).map(parseSize);

async function specOf(driver: OpenDriver, name: string, flags: Flags, context: CommandContext): Promise<InstanceSpec> {
  const { newInstanceId } = await import('@virt-drivers/compute');
  const { settings, call } = context;
  const pool = await resolvePool(driver, textFlag(flags, 'pool') ?? settings.pool, call);
  const disk = textFlag(flags, 'disk');
  const swap = textFlag(flags, 'swap');
  const description = textFlag(flags, 'description');
  const networks = listFlag(flags, 'network');
  const wanted = networks.length > 0 ? networks : settings.network ? [settings.network] : [];
  const image = await imageWish(flags);
  const metadata = parsePairs(listFlag(flags, 'meta'), 'Metadata');
  const count = Number(textFlag(flags, 'cpus'));
  const memory = parseSize(textFlag(flags, 'memory') ?? '');
  return {
    instanceId: textFlag(flags, 'id') ?? newInstanceId(),
    name,
    ...(description ? { description } : {}),
    cpu: { count },
    memory: { sizeBytes: memory },
    pool: pool.id,
    ...(image ? { image } : {}),
    root: disk === undefined ? {} : { sizeBytes: parseSize(disk) },
    ephemerals: sizes(flags, 'ephemeral').map((sizeBytes) => ({ sizeBytes })),
    ...(swap ? { swap: { sizeBytes: parseSize(swap) } } : {}),
    nics: await nicsOf(driver, wanted, context),
    ...(flags['configDrive'] === false
      ? {}
      : { configDrive: { metadata, ...(await userData(textFlag(flags, 'userData'))) } }),
    start: flags['start'] !== false,
  };
}

export const registerSpawn: Register = (program, attach) => {
  const command = program
    .command('spawn')
    .summary('make an instance from an image')
    .description(
      'Verifies the image, makes the volumes and the machine, and starts it. Repeating it with the same --id continues or returns it.',
    )
    .argument('<name>')
    .option('--image <file>', 'image file; without it the root disk is blank')
    .option('--format <format>', "the image's format; default: by its name's ending")
    .option('--checksum <algorithm:hex>', 'sha256:… or sha512:…, verified before use')
    .option('--cpus <count>', 'processors', '1')
    .option('--memory <size>', 'memory', '512M')
    .option('--disk <size>', "root disk; default: the image's size")
    .option('--ephemeral <size>', 'a further blank disk; may be repeated', collect)
    .option('--swap <size>', 'a swap disk')
    .option('--network <name>', 'a nic on this network; may be repeated', collect)
    .option('--pool <name>', 'where volumes go')
    .option('--meta <name=value>', 'metadata for the guest; may be repeated', collect)
    .option('--user-data <file>', 'handed to the guest as it is')
    .option('--no-config-drive', 'tell the guest nothing')
    .option('--description <text>')
    .option('--id <uuid>', "the instance's id; default: a new one")
    .option('--no-start', 'leave it stopped')
    .addHelpText(
      'after',
      '\nExamples:\n  virt spawn web --image debian.qcow2 --checksum sha256:… --memory 1G --disk 10G\n  virt spawn empty --disk 1G --no-config-drive --no-start',
    );
  attach(command, (context, [name = ''], flags) =>
    context.withDriver(async (driver) => {
      const spec = await specOf(driver, name, flags, context);
      const watch = await watchSteps(context.terminal, context.output);
      const options: FlowOptions = { ...context.call, onStep: watch.onStep, onProgress: watch.onProgress };
      const gate = spec.image ? await openGate(context) : undefined;
      try {
        const { machine, record } = await (await computeOver(driver, gate)).spawn(spec, options);
        const disks = record.disks.length;
        const text = `Instance ${spec.instanceId} (${machine.name}) is ${machine.state}: ${humanBytes(machine.memory.sizeBytes)} memory, ${disks} disks.`;
        context.output.done(text, { instanceId: spec.instanceId, machine, record });
      } finally {
        watch.end();
      }
    }),
  );
};
