import { chmod, mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LibvirtPeer } from './libvirt-peer.js';
import { PeerUnavailable } from './peer-unavailable.js';
import { missingPrograms } from './prerequisites.js';

/** An NFS server (nfs-ganesha, NFSv3) beside a peer's guests; it ends with that peer. */
export interface NfsServer {
  readonly server: string;
  readonly exportPath: string;
  /** Makes a file of zeros that everybody may write. */
  addFile(name: string, sizeBytes: number): Promise<void>;
  /** The file's path on this machine. */
  file(name: string): string;
}

/**
 * Starts a server inside a peer that was started with `network: 'own'`, for NFS wants port 111; seconds.
 * @throws PeerUnavailable when this machine cannot run it.
 */
export async function startNfs(peer: LibvirtPeer): Promise<NfsServer> {
  const missing = missingPrograms(['ganesha.nfsd', 'rpcbind', 'rpcinfo']);
  if (missing.length > 0)
    throw new PeerUnavailable(
      'NFS server',
      `${missing.join(', ')} not found in PATH`,
      'Install nfs-ganesha-vfs and rpcbind.',
    );
  const directory = join(peer.directory, 'nfs');
  const exportPath = join(directory, 'export');
  await mkdir(exportPath, { recursive: true });
  await writeFile(join(directory, 'ganesha.conf'), configuration(exportPath));
  await peer.exec('bash', [fileURLToPath(new URL('../host/nfs-server.sh', import.meta.url)), directory]);
  const file = (name: string) => join(exportPath, name);
  return {
    server: '127.0.0.1',
    exportPath,
    async addFile(name, sizeBytes) {
      const handle = await open(file(name), 'wx');
      await handle.truncate(sizeBytes).finally(() => handle.close());
      await chmod(file(name), 0o666);
    },
    file,
  };
}

const configuration = (path: string): string => `
NFS_CORE_PARAM { Protocols = 3; mount_path_pseudo = false; Enable_NLM = false; Enable_RQUOTA = false; }
EXPORT {
  Export_Id = 1; Path = ${path}; Pseudo = /export; Protocols = 3; Transports = TCP; SecType = sys;
  Access_Type = RW; Squash = No_Root_Squash;
  FSAL { Name = VFS; }
  CLIENT { Clients = *; Access_Type = RW; Squash = No_Root_Squash; }
}
`;
