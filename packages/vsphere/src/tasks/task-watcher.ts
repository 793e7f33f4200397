import { Collector } from '../collector/collector.js';
import { isCollectorLost } from '../collector/lost.js';
import { isFault } from '../errors/vsphere-fault.js';
import type { ObjectUpdate } from '../gen/data-types.gen.js';
import type { Reference } from '../schema/reference.js';
import type { Session } from '../session/session.js';
import { pause } from '../wait-limit.js';

/** Is told what changes of one task, and what ends the telling. */
export interface TaskListener {
  changed(properties: Readonly<Record<string, unknown>>): void;
  failed(error: unknown): void;
}

interface Entry {
  readonly ref: Reference;
  readonly listeners: Set<TaskListener>;
  filter: Reference | undefined;
}

const MAX_WAIT_SECONDS = 20;
const RETRY_MS = 500;
/** So long a server may be out of reach before the waits end: a vCenter needs minutes to restart. */
const PATIENCE_MS = 600_000;
const CANCEL_AGAIN_MS = 1_000;

/**
 * Tells of all tasks that are waited for, over one collector with one wait. The collector exists only while somebody
 * waits. When tasks are added, the wait is cancelled and begun anew with everything that is current: whether a server
 * tells a wait under way of a new filter differs from server to server.
 */
export class TaskWatcher {
  private readonly entries = new Map<string, Entry>();
  private running = false;
  private waiting: Collector | undefined;
  private stale = false;
  private stopped = new AbortController();

  constructor(
    private readonly session: Session,
    private readonly paths: readonly string[],
  ) {}

  /** Begins to tell; the function that is returned ends it. */
  listen(ref: Reference, listener: TaskListener): () => void {
    const entry = this.entries.get(ref.value) ?? { ref, listeners: new Set(), filter: undefined };
    this.entries.set(ref.value, entry);
    entry.listeners.add(listener);
    this.stale = true;
    void this.waiting?.cancel();
    if (!this.running) void this.run();
    return () => {
      entry.listeners.delete(listener);
      if (entry.listeners.size > 0) return;
      this.entries.delete(ref.value);
      if (entry.filter) void this.waiting?.removeFilter(entry.filter);
      // The last one ends the wait, and with it the collector.
      if (this.entries.size === 0) void this.waiting?.cancel();
    };
  }

  /** Ends every wait with an error. */
  stop(error: Error): void {
    this.stopped.abort(error);
    for (const entry of [...this.entries.values()]) this.fail(entry, error);
  }

  private async run(): Promise<void> {
    this.running = true;
    let since = performance.now();
    while (this.entries.size > 0 && !this.stopped.signal.aborted) {
      const { generation } = this.session;
      try {
        await this.collect(() => (since = performance.now()));
      } catch (error) {
        if (this.stopped.signal.aborted) break;
        const lost = isCollectorLost(this.session, generation, error);
        const patient = performance.now() - since < PATIENCE_MS;
        if (!lost || !patient) for (const entry of [...this.entries.values()]) this.fail(entry, error);
        else await pause(RETRY_MS, this.stopped.signal).catch(() => undefined);
      }
    }
    this.running = false;
  }

  /** Waits with one collector until nobody waits for a task, or until it is lost. */
  private async collect(alive: () => void): Promise<void> {
    const { signal } = this.stopped;
    const collector = await Collector.create(this.session, { signal });
    // Another collector knows nothing of what the last one watched.
    for (const entry of this.entries.values()) entry.filter = undefined;
    this.stale = true;
    try {
      let version = '';
      while (this.entries.size > 0) {
        if (this.stale) {
          version = '';
          await this.addFilters(collector);
          if (this.entries.size === 0) return;
        }
        const set = await this.waitOnce(collector, version);
        if (this.session.generation !== collector.generation) return;
        alive();
        version = set?.version ?? version;
        for (const { objectSet = [] } of set?.filterSet ?? []) for (const update of objectSet) this.tell(update);
      }
    } finally {
      await collector.destroy();
    }
  }

  /** One answer; undefined also when the wait was cancelled because there is more to wait for. */
  private async waitOnce(collector: Collector, version: string) {
    this.waiting = collector;
    // A cancellation that overtook its wait on the way to the server did nothing.
    const again = setInterval(() => {
      if (this.stale || this.entries.size === 0) void collector.cancel();
    }, CANCEL_AGAIN_MS);
    try {
      return this.stale ? undefined : await collector.next(version, MAX_WAIT_SECONDS, this.stopped.signal);
    } catch (error) {
      if (isFault(error, 'RequestCanceled')) return undefined;
      throw error;
    } finally {
      clearInterval(again);
      this.waiting = undefined;
    }
  }

  private async addFilters(collector: Collector): Promise<void> {
    this.stale = false;
    const { signal } = this.stopped;
    for (const entry of [...this.entries.values()].filter(({ filter }) => filter === undefined)) {
      try {
        const watched = { objects: [{ obj: entry.ref }], type: 'Task', paths: this.paths };
        entry.filter = await collector.filter(watched, { signal });
        // Nobody waited any more when the filter was there.
        if (!this.entries.has(entry.ref.value)) await collector.removeFilter(entry.filter);
      } catch (error) {
        // What is gone may be the collector instead, with its session.
        if (!isFault(error, 'ManagedObjectNotFound') || error.fault.obj.value !== entry.ref.value) throw error;
        this.fail(entry, error);
      }
    }
  }

  private tell(update: ObjectUpdate): void {
    const entry = this.entries.get(update.obj.value);
    if (!entry) return;
    if (update.kind === 'leave') return this.fail(entry, new Error(`Task ${update.obj.value} is gone.`));
    const changed = Object.fromEntries((update.changeSet ?? []).map(({ name, val }) => [name, val]));
    for (const listener of [...entry.listeners]) listener.changed(changed);
  }

  private fail(entry: Entry, error: unknown): void {
    for (const listener of [...entry.listeners]) listener.failed(error);
  }
}
