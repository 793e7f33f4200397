import { examples } from '../examples.js';
import { API_VERSION, isDriverError, type Capabilities, type DriverPins, type Support } from '@virt-drivers/core';
import { approvedDrivers } from '../approved-drivers.js';
import type { Register } from '../command.js';
import { findDriver, installedDrivers, searchPath } from '../driver-search.js';

const isConditional = (support: Support | undefined): boolean => support !== undefined && support !== true;

function capabilityRows(capabilities: Capabilities): (readonly [string, string])[] {
  return Object.entries(capabilities).map(([facet, keys]) => {
    const named = Object.entries(keys as Readonly<Record<string, Support>>).map(([key, support]) =>
      isConditional(support) ? `${key} (c)` : key,
    );
    return [facet, named.join(', ') || 'yes'] as const;
  });
}

async function describeInstalled(name: string, places: readonly string[], pins: DriverPins | undefined) {
  try {
    const { manifest } = await findDriver(name, places, pins);
    return {
      apiVersion: manifest.apiVersion,
      title: manifest.title,
      capabilities: manifest.capabilities,
      problem: undefined,
    };
  } catch (error) {
    if (!isDriverError(error)) throw error;
    return { apiVersion: undefined, title: undefined, capabilities: undefined, problem: error.message };
  }
}

export const registerDrivers: Register = (program, attach) => {
  attach(
    program
      .command('drivers')
      .summary('installed drivers and what they can do')
      .description(
        'Lists installed drivers; with --endpoint what the chosen endpoint can do and what it lacks, with the reasons.',
      )
      .option('--endpoint', 'open the endpoint and show its capabilities')
      .addHelpText('after', examples('virt drivers', 'virt --target qemu:///system drivers --endpoint')),
    async ({ output, settings, terminal, withDriver }, _, { endpoint }) => {
      if (endpoint) {
        return withDriver(async ({ manifest, target, capabilities, narrowings }) => {
          const lacks = narrowings.map(({ capability, reason }) => [`without ${capability}`, reason] as const);
          const rows = [
            ['driver', `${manifest.name} ${manifest.version}`],
            ['target', target],
            ...capabilityRows(capabilities),
            ...lacks,
          ] as const;
          await output.detail(rows, {
            driver: manifest.name,
            version: manifest.version,
            target,
            capabilities,
            narrowings,
          });
        });
      }
      const places = searchPath(terminal);
      const pins = await approvedDrivers(settings, terminal.cwd);
      const found = await installedDrivers(places);
      const all = await Promise.all(
        found.map(async (driver) => ({ ...driver, ...(await describeInstalled(driver.name, places, pins)) })),
      );
      const rows = all.map(({ name, version, apiVersion, capabilities, problem }) => [
        name,
        version,
        apiVersion ?? '?',
        problem ?? Object.keys(capabilities ?? {}).join(' '),
      ]);
      await output.table(['DRIVER', 'VERSION', 'API', 'FACETS'], rows, { apiVersion: API_VERSION, drivers: all });
    },
  );
};
