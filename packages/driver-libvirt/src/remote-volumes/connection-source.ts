import { DriverError, type DiskFormat, type RemoteConnection, type Secret } from '@virt-drivers/core';
import type { RemoteSource } from '../convert/remote-source.js';

/** A connection in libvirt's terms, without the secret's place, which is made later. */
export interface WantedSource {
  readonly source: Omit<RemoteSource, 'auth'>;
  readonly format: DiskFormat;
  readonly credentials?: { readonly user: string; readonly secret: Secret };
}

/** The name that QEMU's initiator gives on this host when the connection says none. */
export const initiatorName = (hostId: string): string => `iqn.2008-11.org.linux-kvm:${hostId.toLowerCase()}`;

/** Errors: `CAPABILITY.ABSENT` for what QEMU does not speak; `REQUEST.INVALID` for what libvirt cannot name. */
export function sourceOf(connection: RemoteConnection, hostId: string): WantedSource {
  switch (connection.protocol) {
    case 'iscsi': {
      if (connection.multipath === true) throw needsHost();
      if (connection.chap?.mutual) throw absent('Mutual CHAP');
      const { chap, target, lun, portals, initiator = initiatorName(hostId) } = connection;
      return {
        format: 'raw',
        source: { protocol: 'iscsi', name: `${target}/${lun}`, hosts: portals.map(named), initiator },
        ...(chap && { credentials: { user: chap.user, secret: chap.password } }),
      };
    }
    case 'rbd': {
      const { pool, image, monitors, user, key } = connection;
      return {
        format: 'raw',
        source: { protocol: 'rbd', name: `${pool}/${image}`, hosts: monitors.map(named) },
        ...(key && { credentials: { user: user ?? 'admin', secret: key } }),
      };
    }
    case 'nbd': {
      const { server, exportName, tls } = connection;
      return {
        format: 'raw',
        source: {
          protocol: 'nbd',
          hosts: ['socket' in server ? server : named(server)],
          ...(exportName === undefined ? {} : { name: exportName }),
          ...(tls === true ? { tls } : {}),
        },
      };
    }
    case 'nfs': {
      const { server, exportPath, file, format } = connection;
      return {
        format,
        source: { protocol: 'nfs', name: pathOf(exportPath, file), hosts: [{ name: server }] },
      };
    }
    default:
      throw absent(`Protocol ${connection.protocol}`);
  }
}

const named = ({ host, port }: { readonly host: string; readonly port: number }) => ({ name: host, port });

/** libnfs mounts all but the last part of the path, so the file must be below the export and not climb out of it. */
function pathOf(exportPath: string, file: string): string {
  const path = `/${exportPath}/${file}`.replace(/\/{2,}/g, '/');
  if (path.split('/').some((part) => part === '..' || part === '.') || path.endsWith('/'))
    throw new DriverError(
      'REQUEST.INVALID',
      `File ${file} of export ${exportPath} is no path below it; name it plainly.`,
    );
  return path;
}

const needsHost = (): DriverError =>
  new DriverError(
    'CAPABILITY.ABSENT',
    'Multipath needs the host’s initiator, for QEMU’s uses one portal; open the driver with option hostInitiator.',
  );

const absent = (what: string): DriverError =>
  new DriverError('CAPABILITY.ABSENT', `${what} is not spoken by QEMU itself; attach by iscsi, rbd, nbd or nfs.`);
