import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { LibvirtError } from '../libvirt-error.js';
import type { Credentials, Mechanism } from './mechanism.js';

/** More would let a daemon keep a processor of ours busy; servers use 4,096 to some 100,000. */
const ITERATIONS_MAX = 1_000_000;
/** RFC 7677 asks for at least this many. */
const ITERATIONS_MIN = 4096;

/** SCRAM-SHA-256 (RFC 5802, RFC 7677) without channel binding. The password itself is never sent. */
export function scramSha256(credentials: Credentials, nonce = randomBytes(24).toString('base64')): Mechanism {
  const first = `n=${escape(credentials.username.normalize('NFKC'))},r=${nonce}`;
  let expected: Buffer | undefined;
  let proven = false;

  const answer = async (challenge: string): Promise<Buffer> => {
    const server = attributes(challenge);
    const { r: combined = '', s: salt = '', i: rounds = '' } = server;
    if (!combined.startsWith(nonce) || combined === nonce) throw refused('answered with a nonce that is not ours');
    const iterations = Number(rounds);
    if (!(iterations >= ITERATIONS_MIN && iterations <= ITERATIONS_MAX)) throw refused(`asks for ${rounds} iterations`);
    const final = `c=${Buffer.from('n,,').toString('base64')},r=${combined}`;
    const message = `${first},${challenge},${final}`;
    const salted = await promisify(pbkdf2)(
      credentials.password.normalize('NFKC'),
      Buffer.from(salt, 'base64'),
      iterations,
      32,
      'sha256',
    );
    const clientKey = hmac(salted, 'Client Key');
    const signature = hmac(createHash('sha256').update(clientKey).digest(), message);
    expected = hmac(hmac(salted, 'Server Key'), message);
    return Buffer.from(`${final},p=${xor(clientKey, signature).toString('base64')}`);
  };

  const verify = (challenge: string, signature: Buffer): Buffer => {
    const { v: sent = '', e: problem } = attributes(challenge);
    const proof = Buffer.from(sent, 'base64');
    if (problem !== undefined) throw refused(`reports ${problem}`);
    if (proof.length !== signature.length || !timingSafeEqual(proof, signature))
      throw refused('does not know the password');
    proven = true;
    return Buffer.alloc(0);
  };

  return {
    name: 'SCRAM-SHA-256',
    initial: Buffer.from(`n,,${first}`),
    respond: async (challenge) => (expected ? verify(challenge.toString(), expected) : answer(challenge.toString())),
    satisfied: () => proven,
  };
}

function attributes(message: string): Partial<Record<string, string>> {
  return Object.fromEntries(message.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
}

function escape(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)));
}

function refused(what: string): LibvirtError {
  return new LibvirtError('AUTH_FAILED', `Daemon ${what}: it is not the one that was set up with this password.`);
}
