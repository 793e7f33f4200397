import type { CallOptions, ConsoleEndpoint, OpenDriver, SerialConsole } from '@virt-drivers/core';
import { machineOf, present } from './machine-of.js';

/** Screens and serial ports of instances. All: `MACHINE.NOT_FOUND`, `CAPABILITY.ABSENT`, `CONSOLE.UNAVAILABLE`. */
export interface InstanceConsoles {
  /** Both directions of the first serial port; the caller closes it. Errors: `CONSOLE.IN_USE` without `takeOver`. */
  openConsole(
    instanceId: string,
    request?: { readonly takeOver?: boolean },
    options?: CallOptions,
  ): Promise<SerialConsole>;
  /** What the serial port printed; with `follow` also what it is going to. */
  consoleLog(
    instanceId: string,
    request?: { readonly follow?: boolean },
    options?: CallOptions,
  ): AsyncIterable<Uint8Array>;
  /** Where a viewer finds the screen. */
  screen(instanceId: string, protocol: ConsoleEndpoint['protocol'], options?: CallOptions): Promise<ConsoleEndpoint>;
}

/** Consoles of the instances behind a driver. */
export function instanceConsoles(driver: OpenDriver): InstanceConsoles {
  const { consoles } = driver;
  return {
    openConsole: async (instanceId, request, options) => {
      const serial = present(driver, consoles?.serial, 'consoles.serial');
      return serial((await machineOf(driver, instanceId, options)).id, request, options);
    },
    async *consoleLog(instanceId, request, options) {
      const log = present(driver, consoles?.log, 'consoles.log');
      yield* log((await machineOf(driver, instanceId, options)).id, request, options);
    },
    screen: async (instanceId, protocol, options) => {
      const open = present(driver, consoles?.[protocol], `consoles.${protocol}`);
      return open((await machineOf(driver, instanceId, options)).id, options);
    },
  };
}
