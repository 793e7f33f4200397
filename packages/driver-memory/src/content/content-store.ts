import { closeSync, mkdirSync, openSync, readdirSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from './system-error.js';

/** Content is kept in blocks of this size. */
export const BLOCK_BYTES = 65_536;

/** Where the blocks of layers are. Which of them are written, the world's state knows. */
export interface ContentStore {
  /** The block; zeros when it was never written. */
  read(layer: string, block: number): Uint8Array;
  write(layer: string, block: number, data: Uint8Array): void;
  remove(layer: string): void;
  /** Layers that have content here. */
  layers(): readonly string[];
}

/** Content that ends with the process. */
export function createMemoryContent(): ContentStore {
  const layers = new Map<string, Map<number, Uint8Array>>();
  return {
    read: (layer, block) => layers.get(layer)?.get(block) ?? new Uint8Array(BLOCK_BYTES),
    write(layer, block, data) {
      const blocks = layers.get(layer) ?? new Map<number, Uint8Array>();
      layers.set(layer, blocks);
      blocks.set(block, Uint8Array.from(data));
    },
    remove: (layer) => void layers.delete(layer),
    layers: () => [...layers.keys()],
  };
}

/** Content in sparse files, one for each layer. Synchronous: a block is small, and a transaction must not be left. */
export function createFileContent(directory: string): ContentStore {
  // Layer ids are made by the world itself and contain only letters, digits and dashes.
  const path = (layer: string): string => join(directory, layer);
  const withFile = <T>(layer: string, flags: string, use: (file: number) => T): T => {
    const file = openSync(path(layer), flags, 0o600);
    try {
      return use(file);
    } finally {
      closeSync(file);
    }
  };
  const openForWriting = (layer: string, use: (file: number) => void): void => {
    try {
      withFile(layer, 'r+', use);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      withFile(layer, 'wx+', use);
    }
  };
  return {
    read(layer, block) {
      const data = new Uint8Array(BLOCK_BYTES);
      try {
        withFile(layer, 'r', (file) => readSync(file, data, 0, BLOCK_BYTES, block * BLOCK_BYTES));
      } catch (error) {
        if (!hasCode(error, 'ENOENT')) throw error;
      }
      return data;
    },
    write: (layer, block, data) =>
      openForWriting(layer, (file) => void writeSync(file, data, 0, data.length, block * BLOCK_BYTES)),
    remove: (layer) => rmSync(path(layer), { force: true }),
    layers() {
      try {
        return readdirSync(directory);
      } catch {
        return [];
      }
    },
  };
}
