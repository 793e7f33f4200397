import type { NfsExport } from './shims/exports.js';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SECTORS = 8192;
/** Bytes of each disk of an export. */
export const DISK_BYTES = BigInt(SECTORS) * 512n;

/** An export that was made for a test. */
export interface MadeExport extends NfsExport {
  /** How a machine gets one of its disks. */
  connection(name: string): {
    readonly protocol: 'nfs';
    readonly server: string;
    readonly exportPath: string;
    readonly file: string;
    readonly format: 'vmdk';
  };
  /** What is in it. */
  files(): Promise<readonly string[]>;
  remove(): Promise<void>;
}

/** Makes an export with disks of these names, at an address of documentation (RFC 5737): `NAME.vmdk` and its data, as ESXi has them. */
export async function nfsExport(names: readonly string[], path = '/volumes'): Promise<MadeExport> {
  const directory = await mkdtemp(join(tmpdir(), 'nfs-export-'));
  const server = '192.0.2.7';
  for (const name of names) {
    await writeFile(join(directory, `${name}.vmdk`), descriptor(name));
    await writeFile(join(directory, `${name}-flat.vmdk`), Buffer.alloc(SECTORS * 512, name));
  }
  return {
    ...{ server, path, directory },
    connection: (name) => ({ protocol: 'nfs', server, exportPath: path, file: `${name}.vmdk`, format: 'vmdk' }),
    files: async () => (await readdir(directory)).sort(),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

const descriptor = (name: string): string => `# Disk DescriptorFile
version=1
encoding="UTF-8"
CID=fffffffe
parentCID=ffffffff
createType="vmfs"

# Extent description
RW ${SECTORS} VMFS "${name}-flat.vmdk"

# The Disk Data Base
#DDB
ddb.adapterType = "lsilogic"
ddb.virtualHWVersion = "14"
`;
