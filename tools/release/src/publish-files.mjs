// Publishes bytes that are there already. Needs only node and npm, so that the job that may publish installs nothing.
import { spawnSync } from 'node:child_process';

function npm(args, env) {
  return spawnSync('npm', args, {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: 300_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** What the registry has of a version: its integrity; undefined when it is not there. */
export function publishedIntegrity({ name, version }, env) {
  const { status, stdout } = npm(['view', `${name}@${version}`, 'dist.integrity'], env);
  return status === 0 && stdout.trim() ? stdout.trim() : undefined;
}

/**
 * Publishes one tarball. A version that is there with the same bytes was published by a run that did not end; with other
 * bytes it is an error.
 * @param {{name: string, version: string, file: string, integrity: string}} packed
 * @returns {'published' | 'was there'}
 */
export function publishFile(packed, { env = {}, provenance = false } = {}) {
  const there = publishedIntegrity(packed, env);
  if (there === packed.integrity) return 'was there';
  const { name, version, file } = packed;
  if (there)
    throw new Error(
      `${name}@${version} is published with other bytes (${there}); release a new version: node tools/release/version.mjs`,
    );
  const { status, stderr } = npm(['publish', file, '--access', 'public', ...(provenance ? ['--provenance'] : [])], env);
  if (status !== 0) throw new Error(`${name}@${version} was not published: ${stderr.trim()}`);
  const now = publishedIntegrity(packed, env);
  if (now !== packed.integrity)
    throw new Error(`${name}@${version} was published as ${now}, not as ${packed.integrity}.`);
  return 'published';
}
