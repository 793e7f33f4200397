import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { DriverError, type CallOptions } from '@virt-drivers/core';
import { systemCode } from '../system-error.js';

/** Bytes that somebody calls an image; nothing about them is known yet. */
export interface ImageInput {
  /** Names the image in messages: a file's name, a URL without credentials. */
  readonly name: string;
  /**
   * Text that changes whenever the bytes do, learned without reading them; undefined when it cannot be told for sure.
   * With it an image without a checksum is transferred only once, too.
   */
  identity?(): Promise<string | undefined>;
  /** A fresh stream of all bytes. */
  open(options?: CallOptions): AsyncIterable<Uint8Array>;
}

const PIECE = 1_048_576;

// Longer than the coarsest clock of a file system.
const SETTLED_MILLISECONDS = 3_000n;

/** A file of this machine as input. Errors when it is opened: `IMAGE.NOT_FOUND`, `ACCESS.DENIED`. */
export function imageFile(path: string): ImageInput {
  const name = basename(path);
  return {
    name,
    identity: () => fileIdentity(path),
    async *open({ signal } = {}) {
      try {
        yield* createReadStream(path, { highWaterMark: PIECE, ...(signal && { signal }) });
      } catch (error) {
        throw readable(error, name, path);
      }
    },
  };
}

/** Every write changes the time of change, which programs cannot set; a file that changed just now may change unseen. */
async function fileIdentity(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  if (!found?.isFile() || BigInt(Date.now()) - found.ctimeMs < SETTLED_MILLISECONDS) return undefined;
  return ['file', found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(':');
}

function readable(error: unknown, name: string, path: string): unknown {
  const code = systemCode(error);
  if (code === 'ENOENT' || code === 'EISDIR') {
    return new DriverError('IMAGE.NOT_FOUND', `Image "${name}" is not a file at ${path}; check the path.`, {
      subject: name,
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new DriverError(
      'ACCESS.DENIED',
      `Image "${name}" cannot be read at ${path}; give this user read permission.`,
      {
        subject: name,
        missingPrivilege: 'read permission on the file',
        cause: error,
      },
    );
  }
  return error;
}
