import { failure } from './problem.js';
import type { Registry } from './registry.js';
import type { TarballCache } from './tarball-cache.js';

/** What the commands work with. */
export interface PinsContext {
  /** Absent when offline: then only the cache is asked. */
  readonly registry?: Registry;
  readonly cache: TarballCache;
  readonly signal?: AbortSignal;
  /** Who does it, as it is written into the file. */
  readonly by: string;
  now(): Date;
  /** Progress for people. */
  note(line: string): void;
}

/** The registry. Throws `usage` when offline. */
export function online({ registry }: PinsContext, what: string): Registry {
  if (registry !== undefined) return registry;
  throw failure('usage', what, `${what} needs a registry; leave --offline out.`);
}

/** `name@version` or `name@range`, taken apart. Throws `usage`. */
export function parseSpec(spec: string): { readonly name: string; readonly version: string } {
  const at = spec.lastIndexOf('@');
  if (at > 0 && at < spec.length - 1) return { name: spec.slice(0, at), version: spec.slice(at + 1) };
  throw failure('usage', spec, `"${spec}" must look like @virt-drivers/driver-libvirt@0.1.0.`);
}
