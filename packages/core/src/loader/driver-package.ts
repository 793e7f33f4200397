import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DriverError } from '../errors/driver-error.js';

/** What the loader reads of a driver's package.json. */
export interface DriverPackage {
  readonly name: string;
  readonly version: string;
  readonly directory: string;
  /** Range of core that the driver asks for; absent when it declares none. */
  readonly coreRange?: string;
  /** Absolute path of the ES module entry. */
  readonly entry: string;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

// The conditions that a plain `import` of the package would match, in the order the package lists them.
function entryOf(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (!isRecord(target)) return undefined;
  for (const [condition, next] of Object.entries(target)) {
    if (['import', 'node', 'default'].includes(condition)) return entryOf(next);
  }
  return undefined;
}

function manifestPath(name: string, from: string): string {
  try {
    return createRequire(from).resolve(`${name}/package.json`);
  } catch (cause) {
    throw new DriverError('DRIVER.NOT_FOUND', `Driver ${name} is not installed. Install it with: npm install ${name}`, {
      subject: name,
      cause,
    });
  }
}

/** Reads the package.json of an installed driver. Errors: `DRIVER.NOT_FOUND`, `DRIVER.INVALID`. */
export async function readDriverPackage(name: string, from: string): Promise<DriverPackage> {
  const path = manifestPath(name, from);
  const json: unknown = JSON.parse(await readFile(path, 'utf8'));
  if (!isRecord(json) || typeof json['version'] !== 'string') {
    throw new DriverError(
      'DRIVER.INVALID',
      `Driver ${name}: ${path} is not a package manifest; install the package again.`,
    );
  }
  const exported = isRecord(json['exports']) ? json['exports']['.'] : json['exports'];
  const entry = entryOf(exported) ?? json['main'];
  const peers = isRecord(json['peerDependencies']) ? json['peerDependencies'] : {};
  const coreRange = peers['@virt-drivers/core'];
  return {
    name,
    version: json['version'],
    directory: dirname(path),
    entry: join(dirname(path), typeof entry === 'string' ? entry : 'index.js'),
    ...(typeof coreRange === 'string' ? { coreRange } : {}),
  };
}
