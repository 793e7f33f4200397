import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The drivers that tests can reach: libvirt's own test driver, and QEMU with its host services. @type {Record<string, string[]>} */
const DRIVERS = {
  test: ['test/test_driver.c'],
  qemu: [
    'qemu/qemu_driver.c',
    'storage/storage_driver.c',
    'network/bridge_driver.c',
    'secret/secret_driver.c',
    'nwfilter/nwfilter_driver.c',
    'node_device/node_device_udev.c',
    'interface/interface_backend_udev.c',
  ],
};

/**
 * Which functions the drivers implement, from their tables in libvirt's sources; for the coverage test.
 * @param {string} directory of the sources @param {string[]} functions every bound function @param {string} banner
 */
export function emitImplemented(directory, functions, banner) {
  const byLowerCase = new Map(functions.map((name) => [name.toLowerCase(), name]));
  const lists = Object.entries(DRIVERS).map(([driver, files]) => {
    const entries = files.flatMap((file) => [
      ...readFileSync(join(directory, file), 'utf8').matchAll(/^\s*\.(\w+) = \w+,/gm),
    ]);
    const names = new Set(
      entries.map(([, name = '']) => byLowerCase.get(name.toLowerCase())).filter((name) => name !== undefined),
    );
    return `  ${driver}: [\n${[...names]
      .sort()
      .map((name) => `    '${name}',`)
      .join('\n')}\n  ],`;
  });
  return [banner, '', 'export const IMPLEMENTED = {', ...lists, '} as const;', ''].join('\n');
}
