import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkManifest } from '../driver/check-manifest.js';
import type { Driver } from '../driver/driver.js';
import { DriverError } from '../errors/driver-error.js';
import { CORE_VERSION } from './core-version.js';
import { readDriverPackage, type DriverPackage } from './driver-package.js';
import type { DriverPins } from './driver-pins.js';

/** How to find a driver. */
export interface LoadDriverOptions {
  /** Directory or file from which the package is looked up, as a program there would. Default: the working directory. */
  readonly from?: string;
  /**
   * How to import the package; default: its ES module entry. A program that is bundled or runs from sources passes
   * `(name) => import(name)`.
   */
  readonly importPackage?: (name: string) => Promise<unknown>;
  /**
   * Strict mode: only a version that is approved here and whose installed files are those that were published is
   * loaded. It is refused before any of its code runs.
   * @since 0.1.0
   */
  readonly pins?: DriverPins;
}

/** `libvirt` means `@virt-drivers/driver-libvirt`; anything with a slash or another prefix is a package name already. */
export const driverPackageName = (name: string): string =>
  /^[a-z0-9]+$/.test(name) ? `@virt-drivers/driver-${name}` : name;

async function checkCoreRange({ name, version, coreRange }: DriverPackage): Promise<void> {
  // Loaded here because only loading needs it: start-up of programs that bring their driver stays short.
  const { default: satisfies } = await import('semver/functions/satisfies.js');
  if (coreRange === undefined || satisfies(CORE_VERSION, coreRange, { includePrerelease: true })) return;
  throw new DriverError(
    'DRIVER.INCOMPATIBLE',
    `Driver ${name} ${version} asks for @virt-drivers/core ${coreRange}, but this is ${CORE_VERSION}. ` +
      `Install a version of either that fits the other.`,
    { subject: name },
  );
}

const isDriver = (value: unknown): value is Driver =>
  typeof value === 'object' &&
  value !== null &&
  'manifest' in value &&
  'open' in value &&
  typeof value.open === 'function';

/**
 * Loads an installed driver by package name (or by its short name) and checks that it fits this core.
 *
 * Errors: `DRIVER.NOT_FOUND` (not installed), `DRIVER.INCOMPATIBLE` (wrong contract version or peer range),
 * `DRIVER.NOT_APPROVED` (with `pins`: blocked, not pinned or altered), `DRIVER.INVALID` (the package exports no `driver`, or its manifest is wrong).
 */
export async function loadDriver(name: string, options: LoadDriverOptions = {}): Promise<Driver> {
  const packageName = driverPackageName(name);
  // createRequire wants a file; it need not exist.
  const found = await readDriverPackage(packageName, join(options.from ?? process.cwd(), 'package.json'));
  if (options.pins !== undefined) {
    const { checkApproval } = await import('./check-approval.js');
    await checkApproval(found, options.pins);
  }
  await checkCoreRange(found);
  const importPackage = options.importPackage ?? (() => import(pathToFileURL(found.entry).href) as Promise<unknown>);
  const module = await importPackage(packageName);
  const driver: unknown = typeof module === 'object' && module !== null ? Reflect.get(module, 'driver') : undefined;
  if (!isDriver(driver)) {
    throw new DriverError(
      'DRIVER.INVALID',
      `Package ${packageName} has no export "driver"; it is not a driver for this contract.`,
      {
        subject: packageName,
      },
    );
  }
  checkManifest(driver.manifest);
  return driver;
}
