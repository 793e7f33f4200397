import { Collector } from '../collector/collector.js';
import { isCollectorLost } from '../collector/lost.js';
import type { MissingProperty, ObjectUpdate } from '../gen/data-types.gen.js';
import type { Reference } from '../schema/reference.js';
import type { Session } from '../session/session.js';
import { pause, startLimit } from '../wait-limit.js';
import type { CallOptions } from '../call-options.js';
import { createContainerView, destroyView, viewContent } from './container-view.js';
import type { ManagedObjectName, PropertyPath, PropertyValues } from './property-path.js';

export interface WatchRequest<T extends ManagedObjectName, P extends PropertyPath<T>> {
  /** A container: everything of the type below it, also what comes later. Or the objects themselves. */
  readonly from: Reference | readonly Reference[];
  readonly type: T;
  readonly paths: readonly P[];
  /** Seconds that the server may stay silent in one answer; 60 when absent. */
  readonly maxWaitSeconds?: number | undefined;
}

/** A change of a watched object. */
export interface ObjectChange<T extends ManagedObjectName, P extends string> {
  readonly kind: 'enter' | 'modify' | 'leave';
  readonly ref: Reference<T>;
  /** What changed: all that is set for `enter`, nothing for `leave`. */
  readonly properties: PropertyValues<T, P>;
  /** The paths that are not set any more. */
  readonly removed: readonly P[];
  readonly missing: readonly MissingProperty[];
}

/** Changes were lost: forget what was known. Everything that exists follows as `enter`. */
export interface Resync {
  readonly kind: 'resync';
}
/** All that exists has been told as `enter`; what follows are changes. */
export interface Current {
  readonly kind: 'current';
}
export type Update<T extends ManagedObjectName, P extends string> = ObjectChange<T, P> | Resync | Current;

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
const SETUP_MS = 60_000;

/** Watches objects; see `Properties.watch`. */
export async function* watch<T extends ManagedObjectName, P extends PropertyPath<T>>(
  session: Session,
  request: WatchRequest<T, P>,
  options: CallOptions,
): AsyncGenerator<Update<T, P>, void, undefined> {
  const limit = startLimit('The watch', options, Number.POSITIVE_INFINITY);
  let wait = FIRST_PAUSE_MS;
  let begun = false;
  try {
    for (;;) {
      const { generation } = session;
      const since = performance.now();
      try {
        for await (const update of watchOnce(session, request, limit.signal)) {
          begun = true;
          yield update;
        }
      } catch (error) {
        // The first attempt tells its problem; a watch that ran survives a restart of the server.
        if (limit.signal.aborted || !begun || !isCollectorLost(session, generation, error)) throw error;
        await pause(wait, limit.signal);
        wait = performance.now() - since > LONGEST_PAUSE_MS ? FIRST_PAUSE_MS : Math.min(wait * 2, LONGEST_PAUSE_MS);
      }
      yield { kind: 'resync' };
    }
  } finally {
    limit.end();
  }
}

async function* watchOnce<T extends ManagedObjectName, P extends PropertyPath<T>>(
  session: Session,
  { from, type, paths, maxWaitSeconds = 60 }: WatchRequest<T, P>,
  signal: AbortSignal,
): AsyncGenerator<ObjectChange<T, P> | Current, void, undefined> {
  const setup = { signal, deadline: new Date(Date.now() + SETUP_MS) };
  const view = 'value' in from ? await createContainerView(session, from, [type], true, setup) : undefined;
  let collector: Collector | undefined;
  try {
    collector = await Collector.create(session, setup);
    const objects = 'value' in from ? (view ? [viewContent(view)] : []) : from.map((obj) => ({ obj }));
    await collector.filter({ objects, type, paths }, setup);
    let version = '';
    let current = false;
    for (;;) {
      const set = await collector.next(version, maxWaitSeconds, signal);
      // A renewed session has no such collector: an answer to it would be about another.
      if (session.generation !== collector.generation) return;
      for (const { objectSet = [] } of set?.filterSet ?? []) for (const update of objectSet) yield change(update);
      version = set?.version ?? (version === '' ? '-' : version);
      // A truncated set goes on in the next answer, which comes at once.
      if (!current && set?.truncated !== true) yield { kind: 'current' };
      current ||= set?.truncated !== true;
    }
  } finally {
    await collector?.destroy();
    if (view && collector && session.generation === collector.generation) await destroyView(session, view);
  }
}

function change<T extends ManagedObjectName, P extends string>(update: ObjectUpdate): ObjectChange<T, P> {
  const properties: Record<string, unknown> = {};
  const removed: string[] = [];
  for (const { name, op, val } of update.changeSet ?? []) {
    if (val === undefined || op === 'remove' || op === 'indirectRemove') removed.push(name);
    else properties[name] = val;
  }
  return {
    kind: update.kind,
    // The server tells of what the filter names: objects of T and properties of P.
    ref: update.obj as Reference<T>,
    properties: properties as PropertyValues<T, P>,
    removed: removed as P[],
    missing: update.missingSet ?? [],
  };
}
