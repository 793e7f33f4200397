import { poolId, type OpenDriver, type PoolId } from '@virt-drivers/core';
import { startLibvirt, type LibvirtPeer } from '@virt-drivers/peers';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { driver, type LibvirtDriverOptions } from '../../src/index.js';
import { startFakeGateway, type FakeGateway } from './fake-gateway.js';
import type { FakeLimits } from './fake-system.js';

/** A real libvirtd, with devices that a simulated PowerFlex system has its host see. */
export interface FlexGround {
  readonly peer: LibvirtPeer;
  readonly fake: FakeGateway;
  readonly pool: PoolId;
  open(changed?: Partial<NonNullable<LibvirtDriverOptions['powerflex']>>): Promise<OpenDriver>;
  stop(): Promise<void>;
}

/** Starts both; what stands for devices are files, below the peer's own directory, where its machines may see them. */
export async function startFlexGround(name: string, limits?: FakeLimits): Promise<FlexGround> {
  const peer = await startLibvirt({ name });
  const directory = join(peer.directory, 'powerflex');
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o755);
  const fake = await startFakeGateway(directory, limits);
  const powerflex = {
    pool: 'flex',
    gateway: fake.url,
    user: fake.user,
    passwordFile: fake.passwordFile,
    caFile: fake.caFile,
    protectionDomain: 'domain1',
    storagePool: 'pool1',
    dataClient: fake.system.here.guid,
    deviceDirectory: fake.system.devices,
  };
  return {
    peer,
    fake,
    pool: poolId('flex'),
    open: (changed) => driver.open({ target: peer.uri, options: { powerflex: { ...powerflex, ...changed } } }),
    async stop() {
      await fake.stop();
      await peer.stop();
    },
  };
}
