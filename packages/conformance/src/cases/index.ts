import type { ConformanceCase } from '../case.js';
import { absence } from './absence.js';
import { cancellation } from './cancellation.js';
import { consoles } from './consoles.js';
import { diagnostics } from './diagnostics.js';
import { disks } from './disks.js';
import { encryption } from './encryption.js';
import { errors } from './errors.js';
import { events } from './events.js';
import { guest } from './guest.js';
import { hosts } from './hosts.js';
import { idempotence } from './idempotence.js';
import { images } from './images.js';
import { machines } from './machines/index.js';
import { maintenance } from './maintenance.js';
import { migration } from './migration.js';
import { nics } from './nics.js';
import { passthrough } from './passthrough.js';
import { power } from './power.js';
import { remoteVolumes } from './remote-volumes.js';
import { sessions } from './sessions.js';
import { shares } from './shares.js';
import { snapshots } from './snapshots/index.js';
import { suspension } from './suspension.js';
import { tasks } from './tasks.js';
import { volumes } from './volumes/index.js';

/** Every case, in the order in which they run: what others build on comes first. */
export const CASES: readonly ConformanceCase[] = [
  ...sessions,
  ...absence,
  ...hosts,
  ...volumes,
  ...machines,
  ...power,
  ...disks,
  ...nics,
  ...events,
  ...idempotence,
  ...errors,
  ...cancellation,
  ...suspension,
  ...snapshots,
  ...consoles,
  ...guest,
  ...diagnostics,
  ...images,
  ...tasks,
  ...migration,
  ...shares,
  ...encryption,
  ...passthrough,
  ...remoteVolumes,
  ...maintenance,
];
