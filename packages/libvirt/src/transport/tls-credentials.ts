import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { LibvirtError } from '../libvirt-error.js';

/** PEM texts; without certificate and key the daemon must be one that asks for none. */
export interface TlsCredentials {
  readonly ca: string;
  /** Certificates that the CA has taken back. */
  readonly crl?: string;
  readonly cert?: string;
  readonly key?: string;
}

interface CredentialPaths {
  readonly ca: string;
  readonly crl: string;
  readonly cert: string;
  readonly key: string;
}

const SYSTEM: CredentialPaths = {
  ca: '/etc/pki/CA/cacert.pem',
  crl: '/etc/pki/CA/cacrl.pem',
  cert: '/etc/pki/libvirt/clientcert.pem',
  key: '/etc/pki/libvirt/private/clientkey.pem',
};

/**
 * Reads what libvirt's own clients would: all from `?pkipath=`, else each from the user's ~/.pki/libvirt where it is there
 * (certificate and key count as one), else from the system's places. root has only the system's.
 *
 * @throws LibvirtError CONNECT_FAILED when there is no CA, or half of a client's credentials.
 */
export async function readTlsCredentials(pkipath: string | undefined): Promise<TlsCredentials> {
  if (pkipath !== undefined) return readAll(inDirectory(pkipath));
  if (process.geteuid?.() === 0) return readAll(SYSTEM);
  const own = inDirectory(join(homedir(), '.pki', 'libvirt'));
  const hasPair = existsSync(own.cert) && existsSync(own.key);
  return readAll({
    ca: existsSync(own.ca) ? own.ca : SYSTEM.ca,
    crl: existsSync(own.crl) ? own.crl : SYSTEM.crl,
    cert: hasPair ? own.cert : SYSTEM.cert,
    key: hasPair ? own.key : SYSTEM.key,
  });
}

function inDirectory(directory: string): CredentialPaths {
  return {
    ca: join(directory, 'cacert.pem'),
    crl: join(directory, 'cacrl.pem'),
    cert: join(directory, 'clientcert.pem'),
    key: join(directory, 'clientkey.pem'),
  };
}

async function readAll(paths: CredentialPaths): Promise<TlsCredentials> {
  const [ca, crl, cert, key] = await Promise.all([paths.ca, paths.crl, paths.cert, paths.key].map(readOptional));
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
  return { ca, ...(crl !== undefined && { crl }), ...(cert !== undefined && key !== undefined && { cert, key }) };
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new LibvirtError('CONNECT_FAILED', `TLS file ${path} cannot be read: ${String(error)}.`, { cause: error });
  }
}
