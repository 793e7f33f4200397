import type { CallOptions } from '@virt-drivers/core';
import { abortable } from '@virt-drivers/core/kit';
import type { Update } from '@virt-drivers/vsphere';
import type { Center } from './connection.js';
import { changesBetween, learned, WATCHED_PATHS, type Happening, type KnownMachine } from './convert/machine-change.js';
import type { Inventory } from './inventory.js';
import { listingSources } from './listing-sources.js';

/** Hears what happens, in the server's order. */
export interface Listener {
  happened(happening: Happening): void;
  /** Nothing more will be heard. */
  failed(error: unknown): void;
}

/** One watch on the server for all who listen: its cost does not grow with them. */
export interface EventHub {
  /** Resolves when listening is active; call the result to stop. The last one who stops ends the watch. */
  listen(listener: Listener, options: CallOptions): Promise<() => void>;
}

interface Watching {
  readonly listeners: Set<Listener>;
  readonly controller: AbortController;
  readonly active: Promise<void>;
}

type MachineUpdate = Update<'VirtualMachine', (typeof WATCHED_PATHS)[number]>;

/** A hub that watches nothing yet. */
export function createEventHub(center: Center, inventory: Inventory): EventHub {
  let current: Watching | undefined;

  const start = (): Watching => {
    const listeners = new Set<Listener>();
    const controller = new AbortController();
    const tell = (happening: Happening): void => {
      for (const listener of [...listeners]) listener.happened(happening);
    };
    let ready = (): void => undefined;
    const upToDate = new Promise<void>((resolve) => (ready = resolve));
    const running = follow(center, inventory, tell, ready, controller.signal);
    const watching: Watching = { listeners, controller, active: Promise.race([upToDate, running]) };
    watching.active.catch(() => undefined);
    const end = (error: unknown): void => {
      if (current === watching) current = undefined;
      for (const listener of [...listeners]) listener.failed(error);
      listeners.clear();
    };
    running.then(() => end(undefined), end);
    return watching;
  };

  const leave = (watching: Watching, listener: Listener): void => {
    watching.listeners.delete(listener);
    if (watching.listeners.size > 0) return;
    if (current === watching) current = undefined;
    watching.controller.abort();
  };

  return {
    async listen(listener, options) {
      const watching = (current ??= start());
      watching.listeners.add(listener);
      try {
        await abortable(watching.active, options, { what: 'Beginning to watch', stateAfter: 'unchanged' });
      } catch (error) {
        leave(watching, listener);
        throw error;
      }
      return () => leave(watching, listener);
    },
  };
}

/** Follows all machines until the signal fires or the connection is lost for good. */
async function follow(
  center: Center,
  inventory: Inventory,
  tell: (happening: Happening) => void,
  ready: () => void,
  signal: AbortSignal,
): Promise<void> {
  const sources = await listingSources(center, inventory, { signal });
  const waiting = new Set(sources);
  await Promise.all(
    sources.map(async (from) => {
      const look = createLook(tell);
      const updates = center.watch({ what: 'Events', reads: true }, (vsphere) =>
        vsphere.properties.watch({ from, type: 'VirtualMachine', paths: WATCHED_PATHS }, { signal }),
      );
      for await (const update of updates) {
        look(update);
        if (update.kind === 'current' && waiting.delete(from) && waiting.size === 0) ready();
      }
    }),
  );
}

/** What is known of each machine, and what an update says that is new. */
function createLook(tell: (happening: Happening) => void): (update: MachineUpdate) => void {
  const known = new Map<string, KnownMachine>();
  let listing = true;
  let missed = false;
  return (update) => {
    if (update.kind === 'resync') {
      missed ||= !listing;
      listing = true;
      known.clear();
    } else if (update.kind === 'current') {
      listing = false;
      // Only now: whoever looks again after this is told of everything that he does not see.
      if (missed) tell({ kind: 'resync', reason: 'connection' });
      missed = false;
    } else {
      const before = known.get(update.ref.value);
      const after = update.kind === 'leave' ? undefined : learned(before, update.properties);
      if (after) known.set(update.ref.value, after);
      else known.delete(update.ref.value);
      if (!listing) for (const happening of changesBetween(before, after)) tell(happening);
    }
  };
}
