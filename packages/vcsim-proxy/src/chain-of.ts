import { apiVersion } from './behaviours/api-version.js';
import { languages } from './behaviours/languages.js';
import { leases } from './behaviours/leases.js';
import { linkedDisks } from './behaviours/linked-disks.js';
import { listings } from './behaviours/listings.js';
import { looks } from './behaviours/looks.js';
import { manager, type ServiceContent } from './behaviours/service-content.js';
import { readProperty } from './behaviours/simulator-objects.js';
import { reconfiguration } from './behaviours/reconfiguration.js';
import { relocations } from './behaviours/relocations.js';
import { snapshotDisks } from './behaviours/snapshot-disks.js';
import { snapshotStates } from './behaviours/snapshot-states.js';
import { restated } from './behaviours/task-listings.js';
import { tasks, type Tasks } from './behaviours/tasks.js';
import { updates } from './behaviours/updates.js';
import { guests } from './guests/guests.js';
import { serialLines } from './guests/serial-lines.js';
import type { Handler } from './chain/handler.js';
import type { Upstream } from './chain/upstream.js';
import type { PlainHandler } from './server/plain-requests.js';
import { consoleShims } from './shims/consoles.js';
import { diskPolicies } from './shims/disk-policies.js';
import { diskShims } from './shims/disks.js';
import { exportShims } from './shims/exports.js';
import { hostDevices } from './shims/host-devices.js';
import { hostShims } from './shims/hosts.js';
import { leaseExports } from './shims/lease-exports.js';
import { machineShims } from './shims/machines.js';
import { policyShims } from './shims/policies.js';
import type { Shims } from './shims/shim.js';
import { snapshotShims } from './shims/snapshots.js';
import { standInLog, type StandInLog } from './shims/stand-in-log.js';
import { storageShims } from './shims/storage-systems.js';
import { standingIn } from './shims/standing-in.js';
import { defaultSettings, type Settings } from './settings.js';
import type { Call } from './soap/call.js';
import type { VcsimProxyOptions } from './vcsim-proxy.js';

/** What stands between the strict check and the simulator. */
export interface Parts {
  readonly handlers: readonly Handler[];
  readonly plainHandlers: readonly PlainHandler[];
  readonly tasks: Tasks;
  readonly settings: Settings;
  readonly standIns: StandInLog;
  /** Ends what would happen later. */
  close(): void;
}

export function chainOf(given: {
  readonly upstream: Upstream;
  readonly content: ServiceContent;
  readonly options: VcsimProxyOptions;
}): Parts {
  const { upstream, content } = given;
  const settings: Settings = { ...defaultSettings(), ...given.options.settings };
  const sessionManager = manager(content, 'sessionManager');
  const own = tasks(upstream, settings, manager(content, 'rootFolder'));
  const isAlive = async (call: Call) =>
    (await readProperty(upstream, call, sessionManager, 'currentSession').catch(() => undefined)) !== undefined;
  const standIns = standInLog();
  const tools = { upstream, content, tasks: own, settings };
  const snapshots = snapshotShims(tools);
  const configurations = reconfiguration(upstream, own, manager(content, 'searchIndex'));
  const disks = diskShims(tools);
  const chains = snapshotDisks(upstream);
  const states = snapshotStates(upstream);
  const links = linkedDisks(upstream);
  const policies = diskPolicies(tools);
  const hosts = hostShims(tools);
  const nfs = exportShims(tools);
  const storage = storageShims(tools);
  const handedOut = leaseExports(tools);
  const insides = guests(tools, standIns);
  const devices = hostDevices(tools, standIns);
  const serial = serialLines(upstream);
  const shims: Shims = {
    ...machineShims(tools),
    ...consoleShims(tools),
    ...disks.growing,
    ...hosts.missing,
    ...nfs.missing,
    ...storage.shims,
    ...policyShims(tools),
    ...handedOut.shims,
    ...snapshots.shims,
  };
  const imports = leases(upstream, settings);
  const overlays = [
    own.overlay,
    handedOut.overlay,
    imports.overlay,
    snapshots.overlay,
    configurations.overlay,
    chains.overlay,
    states.overlay,
    nfs.overlay,
    storage.overlay,
  ];
  return {
    tasks: own,
    settings,
    standIns,
    close() {
      own.close();
      imports.close();
      insides.close();
      serial.close();
      nfs.close();
    },
    plainHandlers: [insides.plainHandler, links.plainHandler, handedOut.plainHandler],
    handlers: [
      languages(settings),
      apiVersion,
      own.handler,
      looks(own),
      nfs.handler,
      updates(settings, own, overlays),
      listings(settings, overlays, isAlive, (call, content) => devices.restate(call, restated(own, call, content))),
      imports.handler,
      configurations.handler,
      chains.handler,
      states.handler,
      links.handler,
      relocations(upstream, content, standIns),
      policies.handler,
      insides.handler,
      serial.handler,
      devices.handler,
      standingIn(shims, { ...policies.shims, ...disks.firstClass, ...hosts.lenient, ...nfs.mounting }, standIns),
    ],
  };
}
