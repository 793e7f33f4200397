import { API_VERSION, defineDriver, type CallOptions, type OpenRequest } from '@virt-drivers/core';
import { capabilities } from './capabilities.js';
import { createConsoles } from './consoles.js';
import { createDiagnostics } from './diagnostics.js';
import { createMaintenance } from './maintenance.js';
import { createMigration } from './migration/index.js';
import { openCenter, type Center } from './connection.js';
import { createDisks } from './disks.js';
import { createEncryption } from './encryption.js';
import { readEndpoint } from './endpoint.js';
import { createEvents } from './events.js';
import { createGuest } from './guest/index.js';
import { createHosts } from './hosts.js';
import { createImages } from './images.js';
import { createMachines } from './machines/index.js';
import { createNics } from './nics.js';
import { checkOptions, type CheckedOptions } from './options.js';
import { createPassthrough } from './passthrough.js';
import { createPower } from './power.js';
import { createRemoteVolumes } from './remote-volumes/index.js';
import { createSerialConsoles } from './serial-console.js';
import { createSession } from './session.js';
import { narrowings } from './narrowings.js';
import { parseTarget, type Target } from './target.js';
import { createSnapshots } from './snapshots.js';
import { createSuspension } from './suspension.js';
import { createVolumes } from './volumes.js';

/** The driver for VMware vSphere. */
export const driver = defineDriver({
  manifest: {
    name: '@virt-drivers/driver-vmware',
    version: '0.1.0',
    apiVersion: API_VERSION,
    title: 'VMware vSphere: the machines of a vCenter, or of one ESXi host',
    targets: [
      {
        pattern: 'vsphere://[USER@]HOST[:PORT][/DATACENTER]',
        example: 'vsphere://vcenter.example.org',
        meaning: 'a vCenter or an ESXi host, over TLS',
      },
      {
        pattern: 'vsphere+http://[USER@]HOST[:PORT][/DATACENTER]',
        example: 'vsphere+http://127.0.0.1:8989',
        meaning: 'a simulator without TLS',
      },
    ],
    capabilities,
  },
  open: openSession,
});

async function openSession({ target: text, options: given }: OpenRequest, call: CallOptions) {
  const options = checkOptions(given);
  const target = parseTarget(text);
  const center = await openCenter(target, options, call);
  try {
    return startSession(center, options, target);
  } catch (error) {
    await center.close();
    throw error;
  }
}

function startSession(center: Center, options: CheckedOptions, target: Target) {
  const endpoint = readEndpoint(center, target.host);
  const session = createSession(center, endpoint, options, target);
  const serial = createSerialConsoles(session);
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
      migration: createMigration(session),
      maintenance: createMaintenance(session),
      passthrough: createPassthrough(session),
      encryption: createEncryption(session),
      guest: createGuest(session),
      images: createImages(session),
      remoteVolumes: createRemoteVolumes(session),
      diagnostics: createDiagnostics(session),
      consoles: createConsoles(session, serial),
    },
    narrowings: narrowings(options, endpoint),
    endpointId: endpoint.id,
    close: () => {
      serial.close();
      return center.close();
    },
  };
}
