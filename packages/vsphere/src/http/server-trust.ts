import type { TLSSocket } from 'node:tls';
import { invalidArgument, VsphereError } from '../errors/vsphere-error.js';

/** How the server's certificate is judged. Without any of it: by the authorities that Node trusts. */
export interface TlsOptions {
  /** Authorities to trust instead of Node's, in PEM. */
  readonly ca?: string | readonly string[] | undefined;
  /** SHA-256 of the server's certificate, 64 hexadecimal digits, colons allowed. It is trusted, whoever signed it; no other is. */
  readonly thumbprint?: string | undefined;
  /** False accepts any certificate: for laboratories only. */
  readonly verify?: false | undefined;
}

/** How another host is judged that a server of ours told us about. */
export interface ToldTrust extends TlsOptions {
  /** The thumbprint that the server told, SHA-1 or SHA-256 as it likes: a certificate that has it is trusted too. */
  readonly told?: string | undefined;
}

/** The digits of a thumbprint in capitals, as Node writes them. @throws VsphereError `INVALID_ARGUMENT` */
export function normalThumbprint(thumbprint: string): string {
  const digits = thumbprint.replaceAll(':', '').trim().toUpperCase();
  if (!/^[0-9A-F]{64}$/.test(digits))
    throw invalidArgument('A thumbprint must be the SHA-256 of the certificate: 64 hexadecimal digits.');
  return digits.replace(/..(?!$)/g, '$&:');
}

/**
 * Decides on the certificate of a connection before a byte of a request goes over it.
 * Undefined when it is trusted.
 */
export function reasonToRefuse(socket: TLSSocket, host: string, tls: ToldTrust): VsphereError | undefined {
  if (tls.verify === false) return undefined;
  const shown = socket.getPeerCertificate().fingerprint256;
  const refuse = (message: string) =>
    new VsphereError('CERTIFICATE_REFUSED', message, { sent: false, ...(shown ? { thumbprint: shown } : {}) });
  if (tls.thumbprint !== undefined) {
    const wanted = normalThumbprint(tls.thumbprint);
    if (shown === wanted) return undefined;
    return refuse(`${host} shows a certificate with the SHA-256 thumbprint ${shown}, not ${wanted}.`);
  }
  if (socket.authorized) return undefined;
  const told = tls.told?.trim().toUpperCase();
  const { fingerprint } = socket.getPeerCertificate();
  if (told && (told === fingerprint || told === shown)) return undefined;
  const why =
    socket.authorizationError instanceof Error ? socket.authorizationError.message : socket.authorizationError;
  return refuse(
    `The certificate of ${host} is not trusted (${why}). Give its authority as tls.ca, or pin it: tls.thumbprint = ${shown}.`,
  );
}
