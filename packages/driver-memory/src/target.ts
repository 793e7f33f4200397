import { mkdirSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DriverError } from '@virt-drivers/core';
import { createWorld } from './world/create-world.js';
import type { World } from './world/world.js';

/** A target taken apart. */
export interface MemoryTarget {
  readonly query: URLSearchParams;
  /** The world that it names; asked for once. */
  world(): World;
}

const invalid = (target: string, cause?: unknown): DriverError =>
  new DriverError(
    'REQUEST.INVALID',
    `Target "${target}" is not one of memory://, memory://name and memory:///path/to/world.json.`,
    { cause },
  );

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

function filePath(url: URL): string {
  const path = fileURLToPath(`file://${url.pathname}`);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return path;
}

/** Reads `memory://`, `memory://name` or `memory:///path`, each with an optional query. */
export function parseTarget(target: string): MemoryTarget {
  let url: URL;
  try {
    url = new URL(target);
  } catch (cause) {
    throw invalid(target, cause);
  }
  const { protocol, host, pathname, searchParams: query } = url;
  const hasMore = [url.username, url.password, url.port, url.hash].some((part) => part !== '');
  if (protocol !== 'memory:' || !target.startsWith('memory://') || hasMore) throw invalid(target);
  if (host !== '' && (pathname === '' || pathname === '/')) {
    if (!NAME.test(host)) throw invalid(target);
    return { query, world: () => createWorld({ name: host }) };
  }
  if (host !== '') throw invalid(target);
  if (pathname === '' || pathname === '/') return { query, world: () => createWorld() };
  if (!isAbsolute(pathname) || pathname.endsWith('/')) throw invalid(target);
  return { query, world: () => createWorld({ file: filePath(url) }) };
}
