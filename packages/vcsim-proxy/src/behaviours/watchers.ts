import { setTimeout as sleep } from 'node:timers/promises';
import type { Reference } from '../soap/call.js';
import { textOf, type Element } from '../xml/element.js';
import { objectOf } from './object-values.js';

/** A collector as far as its client has been told of machines. */
interface Watcher {
  /** When its last wait ended; infinite during one. */
  seenAt: number;
  readonly machines: Set<string>;
}

const LOOKS_EVERY_MS = 400;
/** A client that has just been told of something asks again within this time, also on a busy computer. */
const BETWEEN_WAITS_MS = 1_000;
const TELLING_MS = 2_000;

/**
 * QUIRK(vcsim): looks what is new every 20 or 250 ms, later when it has much to do, and tells nobody of what came and
 * went meanwhile. So a machine goes only when those who watch machines know that it came.
 */
export class Watchers {
  private readonly all = new Map<string, Watcher>();

  /** Runs a wait of a collector's. */
  async during<T>(key: string, wait: () => Promise<T>): Promise<T> {
    const watcher = this.all.get(key) ?? { seenAt: 0, machines: new Set() };
    this.all.set(key, watcher);
    watcher.seenAt = Infinity;
    return wait().finally(() => (watcher.seenAt = Date.now()));
  }

  /** A collector tells its client of an object. */
  tell(key: string, update: Element): void {
    const { type, value } = objectOf(update);
    if (type !== 'VirtualMachine') return;
    const machines = this.all.get(key)?.machines;
    if (textOf(update, 'kind') === 'leave') machines?.delete(value);
    else machines?.add(value);
  }

  forget(key: string): void {
    this.all.delete(key);
  }

  /** Resolves when all who watch know the object, or have had the time to. */
  async know({ type, value }: Reference): Promise<void> {
    if (this.watching().length === 0) return;
    const deadline = Date.now() + TELLING_MS;
    await sleep(LOOKS_EVERY_MS);
    const isTold = () => this.watching().every(({ machines }) => machines.size === 0 || machines.has(value));
    while (type === 'VirtualMachine' && Date.now() < deadline && !isTold()) await sleep(LOOKS_EVERY_MS / 20);
  }

  /** Those who wait just now, and those who soon will. Who was told of no machine, such as a wait for a task, may be done. */
  private watching(): readonly Watcher[] {
    return [...this.all.values()].filter(
      ({ seenAt, machines }) => seenAt === Infinity || (machines.size > 0 && Date.now() - seenAt < BETWEEN_WAITS_MS),
    );
  }
}
