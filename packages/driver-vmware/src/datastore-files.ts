import type { CallOptions } from '@virt-drivers/core';
import type { Duration } from '@virt-drivers/core/kit';
import type { Center } from './connection.js';
import { aboutVolume } from './storage/volume-file.js';
import type { Datastore } from './inventory.js';

/** Files of datastores, through the server's file service. */
export interface DatastoreFiles {
  /** Size of a file; undefined when it is not there. */
  head(store: Datastore, path: string, options: CallOptions): Promise<{ readonly sizeBytes: bigint } | undefined>;
  /** A short text; undefined when the file is not there, cut where it is longer. */
  text(store: Datastore, path: string, longest: number, options: CallOptions): Promise<string | undefined>;
  /** The bytes from `start` on, at the reader's pace. */
  download(
    store: Datastore,
    path: string,
    range: { readonly start: bigint; readonly end?: bigint },
    options: CallOptions,
  ): AsyncGenerator<Uint8Array>;
  /** Writes a file, replacing what is there. */
  upload(
    store: Datastore,
    path: string,
    source: AsyncIterable<Uint8Array>,
    sizeBytes: bigint,
    options: CallOptions,
  ): Promise<void>;
  /** Writes a short text, replacing what is there. */
  writeText(store: Datastore, path: string, text: string, options: CallOptions): Promise<void>;
}

const LONG: Duration = { minutes: 600 };

/** The files behind the center's session. */
export function createDatastoreFiles(center: Center): DatastoreFiles {
  const fileOn = (store: Datastore, path: string) => ({
    datacenter: store.datacenter.path,
    datastore: store.name,
    path,
  });
  const about = (store: Datastore, path: string) => ({ ...aboutVolume({ pool: store.id, key: path }), within: LONG });
  const head: DatastoreFiles['head'] = async (store, path, options) => {
    const found = await center.call(
      { ...about(store, path), reads: true, within: { seconds: 60 } },
      options,
      (vsphere, call) => vsphere.files.head(fileOn(store, path), call),
    );
    return found && { sizeBytes: BigInt(found.size) };
  };
  const download: DatastoreFiles['download'] = (store, path, { start, end }, options) =>
    center.stream(about(store, path), options, (vsphere, call) =>
      vsphere.files.download(fileOn(store, path), { ...rangeOf(start, end), ...call }),
    );
  const upload: DatastoreFiles['upload'] = async (store, path, source, sizeBytes, options) => {
    // Given up in the middle by the caller's signal, unlike short changes.
    const { signal } = options;
    const watched = watch(source);
    try {
      await center.call(about(store, path), options, (vsphere, call) =>
        vsphere.files.upload(fileOn(store, path), watched.chunks, {
          size: Number(sizeBytes),
          ...call,
          ...(signal && { signal }),
        }),
      );
    } catch (error) {
      // What is wrong with the content is said by who reads it; the transfer only notices that it ended.
      throw watched.failure() ?? error;
    }
  };
  return {
    head,
    download,
    async text(store, path, longest, options) {
      const file = await head(store, path, options);
      if (!file) return undefined;
      const chunks: Uint8Array[] = [];
      let length = 0;
      for await (const chunk of download(store, path, { start: 0n }, options)) {
        chunks.push(chunk);
        length += chunk.length;
        if (length >= longest) break;
      }
      return Buffer.concat(chunks).subarray(0, longest).toString('utf8');
    },
    upload,
    writeText(store, path, text, options) {
      const data = Buffer.from(text);
      return upload(store, path, once(data), BigInt(data.length), options);
    },
  };
}

async function* once(data: Uint8Array): AsyncGenerator<Uint8Array> {
  yield data;
}

/** The same chunks, and the error that they ended with. */
function watch(source: AsyncIterable<Uint8Array>) {
  let failed: unknown;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      yield* source;
    } catch (error) {
      failed = error;
      throw error;
    }
  }
  return { chunks: chunks(), failure: () => failed };
}

/** From `start` up to, without, `end`. */
const rangeOf = (start: bigint, end: bigint | undefined) => ({
  ...(start > 0n && { start: Number(start) }),
  ...(end !== undefined && { end: Number(end) }),
});
