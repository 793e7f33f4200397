import { Secret } from '@virt-drivers/core';
import type { VcsimPeer } from '@virt-drivers/peers';
import { readFileSync } from 'node:fs';

/** How this driver opens a simulator that a test started. */
export function targetOf({ url, username, password, authority }: VcsimPeer) {
  const { host, protocol } = new URL(url);
  const ca = authority && readFileSync(authority.certificate, 'utf8');
  return {
    target: `${protocol === 'http:' ? 'vsphere+http' : 'vsphere'}://${username}@${host}`,
    options: { password: new Secret(password), ...(ca !== undefined && { tls: { ca } }) },
  };
}
