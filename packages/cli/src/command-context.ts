import { DriverError, type CallOptions, type OpenDriver } from '@virt-drivers/core';
import { approvedDrivers } from './approved-drivers.js';
import { findDriver, searchPath } from './driver-search.js';
import { createOutput, type Output } from './output/output.js';
import { defaultEndpoint } from './settings/default-endpoint.js';
import { environmentSettings } from './settings/parse-settings.js';
import { readSettingsFile } from './settings/settings-file.js';
import { mergeSettings, type PartialSettings, type Settings } from './settings/settings.js';
import type { Terminal } from './terminal.js';

/** What a command works with. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly settings: Settings;
  readonly output: Output;
  /** Signal of Ctrl-C and deadline of the whole command. */
  readonly call: Required<CallOptions>;
  /** Runs with an open driver and closes it whatever happens. */
  withDriver<T>(run: (driver: OpenDriver) => Promise<T>): Promise<T>;
  /** The same with another endpoint, of the driver that its target says, else of the same one. */
  withEndpoint<T>(target: string, run: (driver: OpenDriver) => Promise<T>): Promise<T>;
}

async function openDriver(settings: Settings, terminal: Terminal, call: CallOptions): Promise<OpenDriver> {
  const { driver: name, target, options } = settings;
  const driver = await findDriver(name, searchPath(terminal), await approvedDrivers(settings, terminal.cwd));
  if (target !== '') return driver.open({ target, options }, call);
  const examples = driver.manifest.targets.map(({ example }) => example).join(', ');
  throw new DriverError('REQUEST.INVALID', `Driver ${name} needs a target. Give --target, for example ${examples}.`);
}

/** Settings from file, environment and flags, in that order. */
export async function resolveSettings(terminal: Terminal, flags: PartialSettings): Promise<Settings> {
  const sources = [await readSettingsFile(terminal.env), environmentSettings(terminal.env), flags];
  const isChosen = sources.some(({ driver, target }) => driver !== undefined || target !== undefined);
  const base = isChosen ? { driver: '', target: '' } : await defaultEndpoint(terminal.env);
  const settings = mergeSettings(base, sources);
  return settings.driver === '' ? { ...settings, driver: driverOfTarget(settings.target) } : settings;
}

// A target alone often says enough.
function driverNamedBy(target: string): string | undefined {
  if (target.startsWith('memory:')) return 'memory';
  return /^(qemu|test|xen|lxc|ch)(\+\w+)?:/.test(target) ? 'libvirt' : undefined;
}

function driverOfTarget(target: string): string {
  const name = driverNamedBy(target);
  if (name !== undefined) return name;
  throw new DriverError('REQUEST.INVALID', `Target ${target} does not say which driver to use. Give --driver too.`);
}

/** Prepares a command. */
export async function createContext(
  terminal: Terminal,
  flags: PartialSettings,
  signal: AbortSignal,
): Promise<CommandContext> {
  const settings = await resolveSettings(terminal, flags);
  const call = { signal, deadline: new Date(Date.now() + settings.timeoutSeconds * 1000) };
  const withSettings = async <T>(own: Settings, run: (driver: OpenDriver) => Promise<T>): Promise<T> => {
    const driver = await openDriver(own, terminal, call);
    try {
      return await run(driver);
    } finally {
      await driver.close();
    }
  };
  return {
    terminal,
    settings,
    output: createOutput(terminal, settings.output),
    call,
    withDriver: (run) => withSettings(settings, run),
    withEndpoint: (target, run) =>
      withSettings({ ...settings, target, driver: driverNamedBy(target) ?? settings.driver }, run),
  };
}
