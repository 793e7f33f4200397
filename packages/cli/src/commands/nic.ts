import { DriverError, networkId, type CallOptions, type NetworkId, type OpenDriver } from '@virt-drivers/core';
import { textFlag, type Register } from '../command.js';
import { onInstance } from '../change-command.js';

/** The network of this name or id. Errors: `NETWORK.NOT_FOUND`. */
async function resolveNetwork(driver: OpenDriver, reference: string, call: CallOptions): Promise<NetworkId> {
  const [host] = await driver.hosts.list(call).all();
  const networks = host ? (await driver.hosts.inventory(host.id, call)).networks : [];
  const found = networks.find(({ id, name }) => id === networkId(reference) || name === reference);
  if (found) return found.id;
  const names = networks.map(({ name }) => name).join(', ') || 'none';
  throw new DriverError('NETWORK.NOT_FOUND', `Network ${reference} does not exist here. There are: ${names}.`);
}

/** `virt nic`. */
export const registerNic: Register = (program, attach) => {
  const group = program.command('nic').summary('nics of an instance').description('Attaches and detaches nics.');
  attach(
    group
      .command('attach')
      .description('Gives an instance one more nic, also while it runs.')
      .argument('<instance>')
      .argument('<network>')
      .option('--mac <address>', 'default: the driver chooses'),
    (context, [reference = '', network = ''], flags) =>
      onInstance(context, reference, flags, async ({ compute, driver, instanceId, options }) => {
        const macAddress = textFlag(flags, 'mac');
        const wish = {
          network: await resolveNetwork(driver, network, context.call),
          ...(macAddress ? { macAddress } : {}),
        };
        const nic = await compute.attachNic(instanceId, wish, options);
        context.output.done(`Instance ${reference} has nic ${nic.macAddress} on ${network}.`, nic);
      }),
  );
  attach(
    group
      .command('detach')
      .description('Takes a nic away.')
      .argument('<instance>')
      .argument('<nic>', 'its MAC address, or its id'),
    (context, [reference = '', wanted = ''], flags) =>
      onInstance(context, reference, flags, async ({ compute, machine, instanceId, options }) => {
        const nic = machine.nics.find(({ id, macAddress }) => macAddress === wanted || String(id) === wanted);
        if (nic) await compute.detachNic(instanceId, nic.id, options);
        context.output.done(`Instance ${reference} has no nic ${wanted}.`, { instanceId, found: nic !== undefined });
      }),
  );
};
