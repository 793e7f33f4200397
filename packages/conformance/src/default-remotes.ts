import type { DiskFormat, OpenDriver, RemoteConnection } from '@virt-drivers/core';

/** Two volumes of other systems. */
export type Remotes = readonly [RemoteConnection, RemoteConnection];

/** What a simulated endpoint takes for there: NBD exports of this machine, or files at an address of documentation (RFC 5737). */
export function remotesFor(driver: OpenDriver): Remotes {
  if (driver.supports('remoteVolumes.nbd') !== undefined || driver.supports('remoteVolumes.nfs') === undefined)
    return [localExport('one'), localExport('two')];
  const format = formatOf(driver);
  return [documentedFile('one', format), documentedFile('two', format)];
}

const localExport = (exportName: string): RemoteConnection => ({
  protocol: 'nbd',
  server: { host: '127.0.0.1', port: 10_809 },
  exportName,
});

const documentedFile = (name: string, format: DiskFormat): RemoteConnection => ({
  protocol: 'nfs',
  server: '192.0.2.7',
  exportPath: '/volumes',
  file: `${name}.${format}`,
  format,
});

const FORMATS: readonly DiskFormat[] = ['raw', 'qcow2', 'vmdk', 'vhd', 'vhdx'];

/** The first format that the driver says it takes; raw when it says nothing. */
function formatOf(driver: OpenDriver): DiskFormat {
  const support = driver.supports('remoteVolumes.nfs');
  const conditions = support === undefined || support === true ? [] : support.conditions;
  const named = conditions.find(({ needs }) => needs === 'volume-format')?.value?.split(/[, ]+/)[0];
  return FORMATS.find((format) => format === named) ?? 'raw';
}
