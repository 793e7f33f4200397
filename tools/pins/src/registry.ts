import * as v from 'valibot';
import { detailOf, messageOf } from './error-detail.js';
import { failure } from './problem.js';

const CALL_MILLISECONDS = 30_000;
const TARBALL_BYTES_MAX = 128 * 1024 * 1024;

const documentSchema = v.object({
  versions: v.record(
    v.string(),
    v.object({
      deprecated: v.optional(v.union([v.string(), v.boolean()])),
      gitHead: v.optional(v.string()),
      dist: v.object({
        tarball: v.string(),
        integrity: v.optional(v.string()),
        attestations: v.optional(v.object({ url: v.string() })),
      }),
    }),
  ),
  time: v.optional(v.record(v.string(), v.string()), {}),
});

/** What a registry says about a package. */
export type PackageDocument = v.InferOutput<typeof documentSchema>;
/** What it says about one version. */
export type PublishedVersion = PackageDocument['versions'][string];

/** A package registry, read only. Every call has a deadline of 30 s and ends with `signal`. */
export interface Registry {
  readonly url: string;
  /** Undefined when there is no such package. Errors: `registry-unreachable`. */
  document(name: string): Promise<PackageDocument | undefined>;
  /** The bytes at an address that a document named; undefined when there are none. Errors: `registry-unreachable`. */
  bytes(address: string): Promise<Buffer | undefined>;
}

/** Which registry, and how to get in. */
export interface RegistryOptions {
  readonly url: string;
  /** Sent to this registry only. */
  readonly token?: string;
  readonly signal?: AbortSignal;
}

async function limited(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > TARBALL_BYTES_MAX) throw new Error('the answer is larger than 128 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Opens a registry of the npm protocol. */
export function openRegistry({ url, token, signal }: RegistryOptions): Registry {
  const base = new URL(url.endsWith('/') ? url : `${url}/`);
  const get = async (address: URL, what: string): Promise<Buffer | undefined> => {
    const deadline = AbortSignal.timeout(CALL_MILLISECONDS);
    const mayHaveToken = token !== undefined && address.origin === base.origin;
    try {
      const response = await fetch(address, {
        signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
        headers: mayHaveToken ? { authorization: `Bearer ${token}` } : {},
      });
      if (response.status === 404) return undefined;
      if (!response.ok) throw new Error(`it answered ${response.status}`);
      return await limited(response);
    } catch (error) {
      // fetch itself only says that it failed; why is in the cause.
      const reason = messageOf(detailOf(error, 'cause') ?? error);
      throw failure(
        'registry-unreachable',
        what,
        `Registry ${address.origin} did not give ${what}: ${reason}. Try again, or use --offline with a cache.`,
        error,
      );
    }
  };
  return {
    url: base.href,
    async document(name) {
      const body = await get(new URL(name.replace('/', '%2f'), base), name);
      if (body === undefined) return undefined;
      const result = v.safeParse(v.pipe(v.string(), v.parseJson(), documentSchema), body.toString('utf8'));
      if (result.success) return result.output;
      throw failure(
        'registry-unreachable',
        name,
        `Registry ${base.origin} answered for ${name} with something else than a package. Check its address.`,
      );
    },
    bytes: (address) => get(new URL(address, base), address),
  };
}
