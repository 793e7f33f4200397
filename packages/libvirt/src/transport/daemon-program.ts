import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** Where distributions keep daemons: the PATH of an ordinary user often lacks it. */
const SYSTEM_PLACES = ['/usr/sbin', '/usr/local/sbin', '/sbin'];

/** The program to start, whatever its name, that the environment asks for, by the same variables as for libvirt. */
export function givenDaemon(): string | undefined {
  return process.env['VIRTD_PATH'] ?? process.env['LIBVIRTD_PATH'];
}

/** Where a daemon is installed that libvirt calls so (`libvirtd`, `virtqemud`, …). */
export function installedDaemon(name: string): string | undefined {
  const places = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_PLACES];
  return places
    .filter((place) => isAbsolute(place))
    .map((place) => join(place, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
