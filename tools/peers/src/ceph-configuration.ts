import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PeerPorts } from './peer-ports.js';

/** What a cluster of one is made of. */
export interface CephLayout {
  readonly directory: string;
  readonly fsid: string;
  /** Of the monitor's first protocol, which is what clients are told. */
  readonly port: number;
  /** The monitor's addresses as its map holds them. */
  readonly monitors: string;
}

/** Where a cluster of this slot listens: the slot's ports have other names, and no other user. */
export function cephLayout(directory: string, fsid: string, { tcp, tls }: PeerPorts): CephLayout {
  return { directory, fsid, port: tcp, monitors: `[v2:127.0.0.1:${tls},v1:127.0.0.1:${tcp}]` };
}

/** Writes `ceph.conf` and the directories of the daemons. */
export async function writeCephConfiguration(
  { directory, fsid, monitors }: CephLayout,
  { display }: PeerPorts,
): Promise<void> {
  for (const name of ['mon', 'mgr', 'osd', 'run', 'log']) await mkdir(join(directory, name));
  const settings: Readonly<Record<string, string | number>> = {
    fsid,
    'mon host': monitors,
    'mon initial members': 'a',
    'auth cluster required': 'cephx',
    'auth service required': 'cephx',
    'auth client required': 'cephx',
    'auth allow insecure global id reclaim': 'false',
    'osd pool default size': 1,
    'osd pool default min size': 1,
    'mon allow pool size one': 'true',
    'mon warn on pool no redundancy': 'false',
    'osd pool default pg num': 8,
    'osd pool default pg autoscale mode': 'off',
    'osd crush chooseleaf type': 0,
    'osd objectstore': 'bluestore',
    'bluestore block size': 4 * 1024 ** 3,
    'osd memory target': 939_524_096,
    'mon data avail warn': 1,
    'mon data avail crit': 1,
    'public addr': '127.0.0.1',
    'cluster addr': '127.0.0.1',
    'ms bind port min': display.min,
    'ms bind port max': display.max,
    // None: each takes seconds to load.
    'mgr initial modules': '',
    'run dir': join(directory, 'run'),
    'admin socket': join(directory, 'run/$name.$pid.asok'),
    'log file': join(directory, 'log/$name.log'),
    'pid file': join(directory, 'run/$name.pid'),
    keyring: join(directory, 'keyring'),
    'mon data': join(directory, 'mon'),
    'mgr data': join(directory, 'mgr'),
    'osd data': join(directory, 'osd'),
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}\n`);
  await writeFile(join(directory, 'ceph.conf'), `[global]\n${lines.join('')}`, { mode: 0o600 });
}
