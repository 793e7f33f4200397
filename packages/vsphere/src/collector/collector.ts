import type { CallOptions } from '../call-options.js';
import { isVsphereError } from '../errors/vsphere-error.js';
import type { ObjectSpec, UpdateSet } from '../gen/data-types.gen.js';
import type { Reference } from '../schema/reference.js';
import { shippedMethod } from '../session/login.js';
import type { Session } from '../session/session.js';

/** What a filter watches. */
export interface Watched {
  readonly objects: readonly ObjectSpec[];
  readonly type: string;
  readonly paths: readonly string[];
}

const CLEANUP_MS = 5_000;
/** How much longer than the server promises its answer may take. */
const SLACK_MS = 30_000;
/** Updates of one answer; there are more when it is marked as truncated. */
const MAX_UPDATES = 1_000;

/**
 * A property collector of our own. A collector has one wait at a time: two of them would end each other, which is why
 * nothing ever waits on the session's collector.
 */
export class Collector {
  private constructor(
    private readonly session: Session,
    readonly ref: Reference,
    /** The login it belongs to; gone with it. */
    readonly generation: object,
  ) {}

  static async create(session: Session, options: CallOptions): Promise<Collector> {
    const method = shippedMethod('CreatePropertyCollector');
    // The result is a reference by its table.
    const ref = (await session.call(method, session.content.propertyCollector, {}, options)) as Reference;
    return new Collector(session, ref, session.generation);
  }

  /** Begins to watch; what is there already comes as `enter`. */
  async filter({ objects, type, paths }: Watched, options: CallOptions): Promise<Reference> {
    const spec = { propSet: [{ type, pathSet: paths, all: false }], objectSet: objects };
    const parameters = { spec, partialUpdates: false };
    return (await this.session.call(shippedMethod('CreateFilter'), this.ref, parameters, options)) as Reference;
  }

  async removeFilter(filter: Reference): Promise<void> {
    const options = { deadline: new Date(Date.now() + CLEANUP_MS) };
    await this.session.call(shippedMethod('DestroyPropertyFilter'), filter, {}, options).catch(() => undefined);
  }

  /**
   * Waits for what changed since a version, '' for everything. Undefined when nothing did for `seconds`. A wait whose
   * connection was lost is repeated once, unless it was for everything: a server may take that as told.
   * @throws VsphereFault `InvalidCollectorVersion`, `RequestCanceled` after `cancel`
   */
  async next(version: string, seconds: number, signal: AbortSignal | undefined): Promise<UpdateSet | undefined> {
    const deadline = new Date(Date.now() + seconds * 1_000 + SLACK_MS);
    const parameters = { version, options: { maxWaitSeconds: seconds, maxObjectUpdates: MAX_UPDATES } };
    const wait = () => this.session.call(shippedMethod('WaitForUpdatesEx'), this.ref, parameters, { signal, deadline });
    const answer = await wait().catch((error: unknown) => {
      if (version === '' || !isVsphereError(error) || error.code !== 'CONNECTION_LOST') throw error;
      return wait();
    });
    // The result of this method by its table.
    return answer as UpdateSet | undefined;
  }

  /** Ends the wait that is under way, if any. */
  async cancel(): Promise<void> {
    const options = { deadline: new Date(Date.now() + CLEANUP_MS) };
    await this.session.call(shippedMethod('CancelWaitForUpdates'), this.ref, {}, options).catch(() => undefined);
  }

  /** Gives it and its filters back. One of an older login is gone already. */
  async destroy(): Promise<void> {
    if (this.session.generation !== this.generation) return;
    const options = { deadline: new Date(Date.now() + CLEANUP_MS) };
    await this.session.call(shippedMethod('DestroyPropertyCollector'), this.ref, {}, options).catch(() => undefined);
  }
}
