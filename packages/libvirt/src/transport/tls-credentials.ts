import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { LibvirtError } from '../libvirt-error.js';

/** PEM texts; without certificate and key the daemon must be one that asks for none. */
export interface TlsCredentials {
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

interface CredentialPaths {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const SYSTEM: CredentialPaths = {
  ca: '/etc/pki/CA/cacert.pem',
  cert: '/etc/pki/libvirt/clientcert.pem',
  key: '/etc/pki/libvirt/private/clientkey.pem',
};

/** Reads what libvirt's own clients would: `?pkipath=`, else the user's directory when it holds something, else the system's. */
export async function readTlsCredentials(pkipath: string | undefined): Promise<TlsCredentials> {
  if (pkipath !== undefined) return readAll(inDirectory(pkipath));
  const own = inDirectory(join(homedir(), '.pki', 'libvirt'));
  const isRoot = process.getuid?.() === 0;
  if (isRoot || (await Promise.all(Object.values(own).map(readOptional))).every((text) => text === undefined))
    return readAll(SYSTEM);
  return readAll(own);
}

function inDirectory(directory: string): CredentialPaths {
  return {
    ca: join(directory, 'cacert.pem'),
    cert: join(directory, 'clientcert.pem'),
    key: join(directory, 'clientkey.pem'),
  };
}

async function readAll(paths: CredentialPaths): Promise<TlsCredentials> {
  const [ca, cert, key] = await Promise.all([paths.ca, paths.cert, paths.key].map(readOptional));
  if (ca === undefined) {
    throw new LibvirtError(
      'CONNECT_FAILED',
      `CA certificate ${paths.ca} is not there; without it no daemon can be trusted. Set ?pkipath=.`,
    );
  }
  if ((cert === undefined) !== (key === undefined)) {
    const [there, missing] = cert === undefined ? [paths.key, paths.cert] : [paths.cert, paths.key];
    throw new LibvirtError(
      'CONNECT_FAILED',
      `Client credentials are incomplete: ${there} is there, ${missing} is not.`,
    );
  }
  return { ca, ...(cert !== undefined && key !== undefined ? { cert, key } : {}) };
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new LibvirtError('CONNECT_FAILED', `TLS file ${path} cannot be read: ${String(error)}.`, { cause: error });
  }
}
