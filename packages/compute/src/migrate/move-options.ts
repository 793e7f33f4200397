import type { BitsPerSecond, HostId, MigrationStatistics, Nanoseconds, NetworkId, PoolId } from '@virt-drivers/core';
import type { ChangeOptions } from '../change/change-context.js';

/** How an instance is to move. What is absent the destination chooses. */
export interface MoveWish {
  /** Host of the destination. */
  readonly host?: HostId;
  /** Where disks go that the destination cannot see where they are. */
  readonly pool?: PoolId;
  /** Segments of the destination by those of the source; others keep their id. */
  readonly networks?: Readonly<Record<string, NetworkId>>;
  readonly bandwidth?: BitsPerSecond;
  /** The longest that the guest may stand still at the end. */
  readonly downtime?: Nanoseconds;
  /** Finish there even if memory changes faster than it is copied (capability `migration.postCopy`). */
  readonly postCopy?: boolean;
  readonly encrypt?: boolean;
}

/** How to run a move: as any change; aborting the signal stops it, and the instance stays where it was. */
export interface MoveOptions extends ChangeOptions {
  /** Told while a running machine moves. What it throws is ignored. */
  readonly onStatistics?: (statistics: MigrationStatistics) => void;
}
