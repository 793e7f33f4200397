import { API_VERSION, defineDriver, type CallOptions, type OpenRequest } from '@virt-drivers/core';
import { openDaemon, type Daemon } from './connection.js';
import { capabilities } from './capabilities.js';
import { createConsoles } from './consoles.js';
import { createDiagnostics } from './diagnostics.js';
import { createDisks } from './disks.js';
import { createEncryption } from './encryption.js';
import { readEndpoint } from './endpoint.js';
import { createEvents } from './events.js';
import { createGuest } from './guest/index.js';
import { createHosts } from './hosts.js';
import { createImages } from './images.js';
import { createMachines } from './machines/index.js';
import { createMigration } from './migration/index.js';
import { narrowingsOf } from './narrowings.js';
import { createNics } from './nics.js';
import { checkOptions } from './options.js';
import { ensureDevices, ensurePool } from './pool-setup.js';
import { createPower } from './power.js';
import { createRemoteVolumes } from './remote-volumes/index.js';
import { createSession } from './session.js';
import { createSnapshots } from './snapshots.js';
import { createSuspension } from './suspension.js';
import { createVolumes } from './volumes.js';

/** The driver for libvirt. */
export const driver = defineDriver({
  manifest: {
    name: '@virt-drivers/driver-libvirt',
    version: '0.1.0',
    apiVersion: API_VERSION,
    title: 'libvirt: QEMU and KVM machines of one host',
    targets: [
      { pattern: 'qemu:///system', example: 'qemu:///system', meaning: 'the QEMU machines of this host' },
      {
        pattern: 'qemu+TRANSPORT://[USER@]HOST/system',
        example: 'qemu+ssh://root@kvm1.example.org/system',
        meaning: 'the QEMU machines of another host, by unix, tcp, tls or ssh',
      },
      {
        pattern: 'test+unix:///default',
        example: 'test+unix:///default',
        meaning: 'libvirt’s machines in memory, for trying out',
      },
    ],
    capabilities,
  },
  open: openSession,
});

async function openSession({ target, options: given }: OpenRequest, call: CallOptions) {
  const options = checkOptions(given);
  const daemon = await openDaemon(target, { seconds: options.connectSeconds ?? 15 }, call);
  try {
    return await startSession(daemon, target, options, call);
  } catch (error) {
    await daemon.close();
    throw error;
  }
}

async function startSession(
  daemon: Daemon,
  target: string,
  options: ReturnType<typeof checkOptions>,
  call: CallOptions,
) {
  const endpoint = await readEndpoint(daemon, options.machineType, call);
  if (options.pool) await ensurePool(daemon, options.pool, call);
  if (options.powerflex) await ensureDevices(daemon, options.powerflex, call);
  const session = createSession(daemon, endpoint, options, target);
  return {
    facets: {
      hosts: createHosts(session),
      machines: createMachines(session),
      power: createPower(session),
      volumes: createVolumes(session),
      disks: createDisks(session),
      nics: createNics(session),
      events: createEvents(session),
      suspension: createSuspension(session),
      snapshots: createSnapshots(session),
      consoles: createConsoles(session),
      guest: createGuest(session),
      migration: createMigration(session),
      images: createImages(session),
      encryption: createEncryption(session),
      diagnostics: createDiagnostics(session),
      remoteVolumes: createRemoteVolumes(session),
    },
    narrowings: narrowingsOf(endpoint, options),
    endpointId: endpoint.id,
    async close() {
      session.close();
      await daemon.close();
    },
  };
}
