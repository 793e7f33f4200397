import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { gibibytes, mebibytes, networkId, type OpenDriver } from '@virt-drivers/core';
import { createWorld, driver as memory, type World } from '@virt-drivers/driver-memory';
import { newInstanceId, openImageCache, type Gate, type ImageInput, type InstanceSpec } from '../src/index.js';
import { qcow2 } from '@virt-drivers/image-corpus';

/** One world in memory, opened as often as a test needs, and a gate with a cache of its own. */
export interface MemoryEndpoint {
  readonly world: World;
  readonly gate: Gate;
  /** A new session with the world. */
  open(without?: string): Promise<OpenDriver>;
  /** Everything that is there: names of machines and of volumes. */
  leftovers(): Promise<{ machines: string[]; volumes: string[] }>;
  close(): Promise<void>;
}

export async function memoryEndpoint(): Promise<MemoryEndpoint> {
  const world = createWorld();
  const directory = mkdtempSync(join(tmpdir(), 'compute-flows-'));
  const sessions: OpenDriver[] = [];
  const open = async (without?: string): Promise<OpenDriver> => {
    const session = await memory.open({ target: 'memory://', options: { world, ...(without && { without }) } });
    sessions.push(session);
    return session;
  };
  return {
    world,
    gate: { cache: await openImageCache(directory) },
    open,
    async leftovers() {
      const session = await open();
      const machines = (await session.machines.list().all()).map(({ name }) => name);
      const volumes: string[] = [];
      for await (const pool of session.volumes.pools())
        volumes.push(...(await session.volumes.list(pool.id).all()).map(({ name }) => name));
      // What the host's image cache keeps is meant to stay.
      return { machines, volumes: volumes.filter((name) => /^[0-9a-f-]{36}-/.test(name)) };
    },
    async close() {
      await Promise.all(sessions.map((session) => session.close()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export const imageContent = qcow2();
export const image: ImageInput = {
  name: 'small.qcow2',
  async *open() {
    yield imageContent;
  },
};

/** An instance with one disk of every kind. */
export const fullSpec = (changes: Partial<InstanceSpec> = {}): InstanceSpec => ({
  instanceId: newInstanceId(),
  name: 'web 1',
  cpu: { count: 1 },
  memory: { sizeBytes: mebibytes(64) },
  image: {
    input: image,
    declaration: {
      format: 'qcow2',
      checksum: { algorithm: 'sha256', hex: createHash('sha256').update(imageContent).digest('hex') },
    },
  },
  root: { sizeBytes: mebibytes(8) },
  ephemerals: [{ sizeBytes: gibibytes(1) }],
  swap: { sizeBytes: mebibytes(16) },
  nics: [{ network: networkId('network-lan'), macAddress: '52:54:00:00:00:01', addresses: [{ kind: 'dhcp4' }] }],
  configDrive: { metadata: { purpose: 'test' } },
  ...changes,
});
