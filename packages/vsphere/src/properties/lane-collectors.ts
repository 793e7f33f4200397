import type { CallOptions } from '../call-options.js';
import { Collector } from '../collector/collector.js';
import { isVsphereFault } from '../errors/vsphere-fault.js';
import type { Reference } from '../schema/reference.js';
import type { Session } from '../session/session.js';

/** The collectors of one listing: simulators, at least, let a collector read for one call at a time. */
export class LaneCollectors {
  private readonly made = new Map<number, Promise<Collector | undefined>>();

  constructor(
    private readonly session: Session,
    private readonly options: CallOptions,
  ) {}

  /** The collector of a lane: the session's own for the first one, others are made when they are needed. */
  async of(lane: number): Promise<Reference> {
    const { propertyCollector } = this.session.content;
    if (lane === 0) return propertyCollector;
    const known = this.made.get(lane) ?? this.create();
    this.made.set(lane, known);
    return (await known)?.ref ?? propertyCollector;
  }

  /** Gives them back. Never rejects. */
  async destroy(): Promise<void> {
    const all = [...this.made.values()].map((one) => one.catch(() => undefined));
    await Promise.all(all.map(async (one) => (await one)?.destroy()));
  }

  /** A server that gives no more of them reads with the session's own, only later. */
  private create(): Promise<Collector | undefined> {
    return Collector.create(this.session, this.options).catch((error: unknown) => {
      if (isVsphereFault(error)) return undefined;
      throw error;
    });
  }
}
