import { createHash } from 'node:crypto';
import { bytesOf } from '../byte-range.js';
import { ImageError } from '../image-error.js';
import type { Ova } from './open-ova.js';
import type { TarMember } from './tar-index.js';

/**
 * Reads every file of an OVA once, compares it with the manifest where there is one, and tells the SHA-256 of each by
 * name. Errors: `ImageError` corrupt (a file is not what the manifest says), the signal's reason.
 */
export async function checkDigests(
  { members, manifest }: Pick<Ova, 'members' | 'manifest'>,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  for (const member of members) {
    const entry = manifest?.get(member.name);
    const [sha256, listed] = await digestsOf(member, entry?.algorithm ?? 'sha256', signal);
    if (entry && entry.hex !== listed) {
      const text = `"${member.name}" has ${entry.algorithm} ${listed}, and its manifest says ${entry.hex}.`;
      throw new ImageError('corrupt', text);
    }
    digests.set(member.name, sha256);
  }
  return digests;
}

async function digestsOf(
  { content }: TarMember,
  algorithm: string,
  signal: AbortSignal | undefined,
): Promise<readonly [string, string]> {
  const sha256 = createHash('sha256');
  const listed = algorithm === 'sha256' ? undefined : createHash(algorithm);
  for await (const piece of bytesOf(content)) {
    signal?.throwIfAborted();
    sha256.update(piece);
    listed?.update(piece);
  }
  const hex = sha256.digest('hex');
  return [hex, listed?.digest('hex') ?? hex];
}
