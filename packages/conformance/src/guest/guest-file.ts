import { bytes, mebibytes, type DiskFormat, type ImageSource } from '@virt-drivers/core';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import * as v from 'valibot';
import type { TestGuest } from './test-guest.js';

const QCOW2_MAGIC = 0x514649fb;

const hex = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits'));

/** The manifest.json beside a built guest image; paths are relative to it. */
const guestManifest = v.object({
  qcow2: v.string(),
  raw: v.string(),
  sha256: v.object({ qcow2: hex, raw: hex }),
  memoryMebibytes: v.optional(v.number()),
});

// Offset and meaning of the size field: docs/interop/qcow2.txt of QEMU, header bytes 24 to 31, big endian.
async function virtualSizeOf(path: string, format: DiskFormat): Promise<bigint> {
  const { size } = await stat(path);
  if (format !== 'qcow2') return BigInt(size);
  const file = await open(path);
  try {
    const header = Buffer.alloc(32);
    await file.read(header, 0, 32, 0);
    if (header.readUInt32BE(0) !== QCOW2_MAGIC)
      throw new Error(`Guest image ${path} does not start as a qcow2 file does.`);
    return header.readBigUInt64BE(24);
  } finally {
    await file.close();
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

/** A file as a verified source: its digest is computed, and compared where it is known. */
async function imageFile(path: string, format: DiskFormat, known?: string): Promise<ImageSource> {
  const digest = await sha256Of(path);
  if (known !== undefined && digest !== known)
    throw new Error(`Guest image ${path} has changed: its SHA-256 is not the manifest's. Build it again.`);
  return {
    format,
    sizeBytes: bytes((await stat(path)).size),
    virtualSizeBytes: bytes(await virtualSizeOf(path, format)),
    checksum: { algorithm: 'sha256', hex: digest },
    open: (options) => createReadStream(path, options?.signal ? { signal: options.signal } : {}),
  };
}

async function fromManifest(path: string, formats: readonly DiskFormat[]): Promise<TestGuest> {
  const manifest = v.parse(guestManifest, JSON.parse(await readFile(path, 'utf8')));
  const format = formats.includes('qcow2') ? 'qcow2' : 'raw';
  const image = await imageFile(resolve(dirname(path), manifest[format]), format, manifest.sha256[format]);
  return { image, memoryBytes: mebibytes(manifest.memoryMebibytes ?? 160) };
}

/**
 * The guest in a file: a qcow2 or raw disk, or the manifest.json of a built image, of which the best form for a pool with
 * these formats is taken.
 */
export async function guestFromFile(path: string, formats: readonly DiskFormat[]): Promise<TestGuest> {
  if (extname(path) === '.json') return fromManifest(path, formats);
  const image = await imageFile(path, extname(path) === '.qcow2' ? 'qcow2' : 'raw');
  return { image, memoryBytes: mebibytes(160) };
}
