import type { CallOptions } from '../call-options.js';
import { isVsphereError } from '../errors/vsphere-error.js';
import { isFault } from '../errors/vsphere-fault.js';
import type { ObjectContent } from '../gen/data-types.gen.js';
import type { Reference } from '../schema/reference.js';
import type { Session } from '../session/session.js';
import { createContainerView, destroyView } from './container-view.js';
import { LaneCollectors } from './lane-collectors.js';
import type { ManagedObjectName, PropertyPath } from './property-path.js';
import { readAhead, type ReadPart } from './read-ahead.js';
import { retrievePages } from './retrieve-pages.js';
import { retrievedObject, type RetrievedObject } from './retrieved-object.js';

export interface RetrieveRequest<T extends ManagedObjectName, P extends PropertyPath<T>> {
  /** A folder, datacenter, host, pool …: everything of the type below it. Or the objects themselves. */
  readonly from: Reference | readonly Reference[];
  readonly type: T;
  readonly paths: readonly P[];
  /** Objects a page; 250 when absent. The server works on one page while another is read; objects are given one by one as they arrive. */
  readonly pageSize?: number | undefined;
  /** False: only what is directly in the container. */
  readonly recursive?: boolean | undefined;
  /** Is told of every object that was deleted while it was being listed. It is left out. */
  readonly onVanished?: ((ref: Reference) => void) | undefined;
}

const PAGE_SIZE = 250;
/** Pages that are asked for at once. */
const LANES = 2;
/** How often a listing starts again because its connection was lost, and how often because the session was renewed under it. */
const RESTARTS = 3;

/** Lists objects with some of their properties; see `Properties.retrieve`. */
export async function* retrieve<T extends ManagedObjectName, P extends PropertyPath<T>>(
  session: Session,
  request: RetrieveRequest<T, P>,
  options: CallOptions,
): AsyncGenerator<RetrievedObject<T, P>, void, undefined> {
  const given = new Set<string>();
  for (let [cuts, renewals] = [0, 0]; ; ) {
    const { generation } = session;
    try {
      // Some at a time down to here: a step of a generator for each object costs more than decoding it.
      for await (const some of listing(session, request, given, options)) {
        for (const content of some) {
          if (given.has(content.obj.value)) continue;
          given.add(content.obj.value);
          yield retrievedObject(content);
        }
      }
      return;
    } catch (error) {
      // Counted apart: a server that restarts cuts off first, and knows no session when it is back.
      const cut = (isVsphereError(error) && error.code === 'CONNECTION_LOST') || isLostLane(error);
      const renewed = isFault(error, 'NotAuthenticated') || session.generation !== generation;
      if (!(cut || renewed) || (renewed ? renewals++ : cuts++) >= RESTARTS) throw error;
      if (renewed) await session.renew(generation, options);
    }
  }
}

async function* listing<T extends ManagedObjectName, P extends PropertyPath<T>>(
  session: Session,
  request: RetrieveRequest<T, P>,
  given: ReadonlySet<string>,
  options: CallOptions,
): AsyncGenerator<readonly ObjectContent[], void, undefined> {
  const { from } = request;
  if (!('value' in from)) return yield* inPages(session, request, from, given, options);
  const view = await createContainerView(session, from, [request.type], request.recursive ?? true, options);
  const found = objectsIn(session, view, options);
  // It is given back as soon as it has told what is there.
  const released = found.catch(() => undefined).then(() => destroyView(session, view));
  try {
    yield* inPages(session, request, await found, given, options);
  } finally {
    await released;
  }
}

/** Objects in pages that name them: what vanishes, or is cut off, concerns one page only. */
async function* inPages<T extends ManagedObjectName, P extends PropertyPath<T>>(
  session: Session,
  request: RetrieveRequest<T, P>,
  refs: readonly Reference[],
  given: ReadonlySet<string>,
  options: CallOptions,
): AsyncGenerator<readonly ObjectContent[], void, undefined> {
  const { pageSize = PAGE_SIZE } = request;
  const left = refs.filter(({ value }) => !given.has(value));
  const collectors = new LaneCollectors(session, options);
  const parts = pagesOf(left, pageSize).map(
    (page): ReadPart<readonly ObjectContent[]> =>
      async function* (lane, signal) {
        const collector = await collectors.of(lane);
        yield* survivors(session, request, page, given, collector, { ...options, signal });
      },
  );
  try {
    yield* readAhead(parts, LANES, options.signal);
  } finally {
    await collectors.destroy();
  }
}

function pagesOf(refs: readonly Reference[], size: number): readonly (readonly Reference[])[] {
  const pages: (readonly Reference[])[] = [];
  const step = Math.max(1, size);
  for (let start = 0; start < refs.length; start += step) pages.push(refs.slice(start, start + step));
  return pages;
}

/** A collector of ours that the server does not know any more: simulators say so when the session has ended. */
function isLostLane(error: unknown): boolean {
  return isFault(error, 'ManagedObjectNotFound') && error.fault.obj.type === 'PropertyCollector';
}

/** The objects of a list that still exist. */
async function* survivors<T extends ManagedObjectName, P extends PropertyPath<T>>(
  session: Session,
  { type, paths, pageSize = PAGE_SIZE, onVanished }: RetrieveRequest<T, P>,
  refs: readonly Reference[],
  given: ReadonlySet<string>,
  collector: Reference,
  options: CallOptions,
): AsyncGenerator<readonly ObjectContent[], void, undefined> {
  let left = refs;
  while (left.length > 0) {
    try {
      const objects = left.map((obj) => ({ obj }));
      yield* retrievePages(session, { type, paths, pageSize, objects, collector }, options);
      return;
    } catch (error) {
      if (!isFault(error, 'ManagedObjectNotFound')) throw error;
      const { obj } = error.fault;
      if (!left.some(({ value }) => value === obj.value)) throw error;
      onVanished?.(obj);
      left = left.filter(({ value }) => value !== obj.value && !given.has(value));
    }
  }
}

async function objectsIn(session: Session, view: Reference, options: CallOptions): Promise<readonly Reference[]> {
  const pages = { type: 'ContainerView', paths: ['view'], pageSize: 1, objects: [{ obj: view }] };
  for await (const [content] of retrievePages(session, pages, options))
    if (content) return retrievedObject<'ContainerView', 'view'>(content).properties.view ?? [];
  return [];
}
