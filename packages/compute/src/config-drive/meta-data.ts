import { DriverError, type Json } from '@virt-drivers/core';
import type { ConfigDriveContent, InjectedFile } from './content.js';
import { hostnameFrom, isHostname } from './hostname.js';

/** Where the guest finds an injected file, below `openstack/`. */
export const contentPath = (index: number): string => `content/${String(index).padStart(4, '0')}`;

/** OpenStack's `meta_data.json`. Errors: `REQUEST.INVALID` (host name, path of an injected file). */
export function metaData(content: ConfigDriveContent): Json {
  const { metadata = {}, publicKeys = {}, files = [], adminPassword, availabilityZone, projectId } = content;
  return {
    uuid: content.instanceId,
    name: content.name,
    hostname: hostnameOf(content),
    launch_index: 0,
    meta: { ...metadata },
    public_keys: { ...publicKeys },
    keys: Object.entries(publicKeys).map(([name, data]) => ({ name, type: 'ssh', data })),
    files: files.map((file, index) => ({ path: checkedPath(file), content_path: `/${contentPath(index)}` })),
    ...(availabilityZone !== undefined && { availability_zone: availabilityZone }),
    ...(projectId !== undefined && { project_id: projectId }),
    ...(adminPassword && { admin_pass: adminPassword.reveal() }),
  };
}

/** The older EC2 form: what cloud-init reads of it. */
export function ec2MetaData(content: ConfigDriveContent): Json {
  const hostname = hostnameOf(content);
  const keys = Object.entries(content.publicKeys ?? {}).map(([name, key], index) => [
    String(index),
    { _name: `${index}=${name}`, 'openssh-key': key },
  ]);
  return {
    'instance-id': content.instanceId,
    hostname,
    'local-hostname': hostname,
    'public-keys': Object.fromEntries(keys),
  };
}

function hostnameOf({ hostname, name, instanceId }: ConfigDriveContent): string {
  if (hostname === undefined)
    return hostnameFrom(name, `instance-${instanceId}`.replace(/[^A-Za-z0-9-]/g, '').slice(0, 63));
  if (isHostname(hostname)) return hostname;
  throw new DriverError(
    'REQUEST.INVALID',
    `Host name ${JSON.stringify(hostname)} is not one; use letters, digits, hyphens and dots.`,
    { subject: hostname },
  );
}

function checkedPath({ path }: InjectedFile): string {
  const clean = path.startsWith('/') && !/[\0-\x1f\x7f]/.test(path) && !path.split('/').includes('..');
  if (clean && Buffer.byteLength(path) <= 255) return path;
  throw new DriverError(
    'REQUEST.INVALID',
    `Injected file ${JSON.stringify(path)} needs an absolute path of at most 255 bytes without "..".`,
    { subject: path },
  );
}
