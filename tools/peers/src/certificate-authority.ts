import { join } from 'node:path';
import { runCommand } from './run-command.js';

/** PEM files of one key pair. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** A throw-away authority. */
export interface CertificateAuthority {
  /** PEM file of its certificate. */
  readonly certificate: string;
  /** Issues `NAME.pem` and `NAME.key`, valid for a day. `names` are what a server is called: `IP:127.0.0.1`. */
  issue(name: string, usage: 'serverAuth' | 'clientAuth', names?: readonly string[]): Promise<Certificate>;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];

/** Makes an authority whose files are below `directory`; openssl writes keys readable by their owner only. */
export async function certificateAuthority(directory: string): Promise<CertificateAuthority> {
  const filesOf = (name: string): Certificate => ({
    certificate: join(directory, `${name}.pem`),
    key: join(directory, `${name}.key`),
  });

  async function create(name: string, extensions: readonly string[], issuer?: Certificate): Promise<Certificate> {
    const { certificate, key } = filesOf(name);
    const signing = issuer ? ['-CA', issuer.certificate, '-CAkey', issuer.key] : [];
    const added = extensions.flatMap((extension) => ['-addext', extension]);
    const files = ['-subj', `/CN=${name}`, '-keyout', key, '-out', certificate];
    await runCommand('openssl', ['req', '-x509', ...newKey, ...signing, ...added, ...files]);
    return { certificate, key };
  }

  const authority = await create('ca', ['keyUsage=critical,keyCertSign,cRLSign']);
  return {
    certificate: authority.certificate,
    issue(name, usage, names = []) {
      const alternative = names.length > 0 ? [`subjectAltName=${names.join(',')}`] : [];
      // libvirt insists on key encipherment, though keys of this kind cannot do it.
      const keyUsage = 'keyUsage=critical,digitalSignature,keyEncipherment';
      const own = ['basicConstraints=critical,CA:FALSE', keyUsage, `extendedKeyUsage=${usage}`];
      return create(name, [...own, ...alternative], authority);
    },
  };
}
