import { isDriverError, type OpenDriver } from '@virt-drivers/core';
import type { CommandContext } from '../command-context.js';
import type { Check, Finding } from './check.js';

async function look(driver: OpenDriver, context: CommandContext): Promise<readonly Finding[]> {
  const hosts = await driver.hosts.list(context.call).all();
  const pools = await driver.volumes.pools(context.call).all();
  const ready = pools.filter(({ state }) => state === 'ready');
  const names = hosts.map(({ name, hypervisor }) => `${name} (${hypervisor.product} ${hypervisor.version})`).join(', ');
  return [
    { what: 'endpoint', state: 'ok', detail: `${driver.target}: ${names}` },
    ready.length > 0
      ? { what: 'pools', state: 'ok', detail: ready.map(({ name }) => name).join(', ') }
      : {
          what: 'pools',
          state: 'missing',
          detail: 'no pool is ready, so no volume can be made',
          fix: 'virsh pool-define-as default dir --target /var/lib/libvirt/images && virsh pool-start default',
        },
  ];
}

/** Opens the chosen endpoint and looks whether work can be done there. */
export const checkEndpoint =
  (context: CommandContext): Check =>
  async () => {
    try {
      return await context.withDriver((driver) => look(driver, context));
    } catch (error) {
      if (!isDriverError(error)) throw error;
      return [{ what: 'endpoint', state: 'missing', detail: `${context.settings.target}: ${error.message}` }];
    }
  };
