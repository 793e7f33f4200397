import { readdir, readFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDriverError, loadDriver, type Driver, type DriverPins } from '@virt-drivers/core';
import { isMissing } from './is-missing.js';
import type { Terminal } from './terminal.js';

/** A driver package that is installed. */
export interface InstalledDriver {
  readonly name: string;
  readonly version: string;
  readonly directory: string;
}

/** Where drivers are looked for: the working directory, `$VIRT_DRIVER_PATH`, and beside this program. */
export function searchPath({ env, cwd }: Pick<Terminal, 'env' | 'cwd'>): readonly string[] {
  const extra = (env['VIRT_DRIVER_PATH'] ?? '').split(delimiter).filter((part) => part !== '');
  return [cwd, ...extra.map((part) => resolve(cwd, part)), dirname(fileURLToPath(import.meta.url))];
}

/** Loads a driver from the first place that has it; with `pins`, only an approved one. Errors as `loadDriver`. */
export async function findDriver(name: string, places: readonly string[], pins?: DriverPins): Promise<Driver> {
  let missing: unknown;
  for (const from of places) {
    try {
      return await loadDriver(name, { from, ...(pins === undefined ? {} : { pins }) });
    } catch (error) {
      if (!isDriverError(error, 'DRIVER.NOT_FOUND')) throw error;
      missing ??= error;
    }
  }
  throw missing;
}

async function entries(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function readInstalled(directory: string): Promise<InstalledDriver | undefined> {
  try {
    const json = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as Readonly<
      Record<string, unknown>
    >;
    const { name, version, virtDrivers } = json;
    const isDriver =
      typeof virtDrivers === 'object' && virtDrivers !== null && Reflect.get(virtDrivers, 'kind') === 'driver';
    return isDriver && typeof name === 'string' && typeof version === 'string'
      ? { name, version, directory }
      : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function driversIn(modules: string): Promise<readonly InstalledDriver[]> {
  const names = await entries(modules);
  const scoped = names.filter((name) => name.startsWith('@'));
  const candidates = (
    await Promise.all(
      scoped.map(async (scope) => (await entries(join(modules, scope))).map((name) => `${scope}/${name}`)),
    )
  ).flat();
  const named = [...candidates, ...names].filter((name) => /(^|\/)(virt-)?driver-/.test(name));
  const found = await Promise.all(named.map((name) => readInstalled(join(modules, name))));
  return found.filter((driver) => driver !== undefined);
}

// Every node_modules that a program in this directory sees.
function modulesAbove(directory: string): readonly string[] {
  const parent = dirname(directory);
  return [join(directory, 'node_modules'), ...(parent === directory ? [] : modulesAbove(parent))];
}

/** Every installed driver, nearest first, each name once. */
export async function installedDrivers(places: readonly string[]): Promise<readonly InstalledDriver[]> {
  const lists = await Promise.all(places.flatMap(modulesAbove).map(driversIn));
  const byName = new Map<string, InstalledDriver>();
  for (const driver of lists.flat()) if (!byName.has(driver.name)) byName.set(driver.name, driver);
  return [...byName.values()].sort((a, b) => a.name.localeCompare(b.name));
}
