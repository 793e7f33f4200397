import type { CallOptions } from '../call-options.js';
import { VsphereFault } from '../errors/vsphere-fault.js';
import type { ObjectContent, ObjectSpec } from '../gen/data-types.gen.js';
import type { Reference } from '../schema/reference.js';
import { shippedMethod } from '../session/login.js';
import type { Session } from '../session/session.js';
import { isUnauthenticated } from './retrieved-object.js';

export interface Pages {
  readonly objects: readonly ObjectSpec[];
  readonly type: string;
  readonly paths: readonly string[];
  readonly pageSize: number;
  /** The session's own when absent. */
  readonly collector?: Reference | undefined;
}

/**
 * The objects of a specification, page after page, given as they arrive, some at a time. A token belongs to its session
 * and to us: what is left of the server's pages is given back when the loop ends early.
 * @throws VsphereFault `NotAuthenticated` when the session was lost on the way
 */
export async function* retrievePages(
  session: Session,
  pages: Pages,
  options: CallOptions,
): AsyncGenerator<readonly ObjectContent[], void, undefined> {
  const { collector = session.content.propertyCollector } = pages;
  const propSet = [{ type: pages.type, pathSet: pages.paths, all: false }];
  const first = { specSet: [{ propSet, objectSet: pages.objects }], options: { maxObjects: pages.pageSize } };
  let token: string | undefined;
  let name = 'RetrievePropertiesEx';
  let parameters: object = first;
  try {
    do {
      token = undefined;
      // The token comes before the objects: whoever leaves among these can give the rest back.
      const onField = (field: string, value: unknown) => {
        if (field === 'token' && typeof value === 'string') token = value;
      };
      const list = { field: 'objects', onField };
      yield* authenticated(session.stream(shippedMethod(name), collector, parameters, list, options));
      name = 'ContinueRetrievePropertiesEx';
      parameters = { token };
      // '0' is a token.
    } while (token !== undefined);
  } finally {
    if (token !== undefined)
      await session
        .call(shippedMethod('CancelRetrievePropertiesEx'), collector, { token }, options)
        .catch(() => undefined);
  }
}

/** One page. */
async function* authenticated(
  page: AsyncGenerator<readonly unknown[], unknown, undefined>,
): AsyncGenerator<readonly ObjectContent[], void, undefined> {
  for await (const some of page) {
    // The decoder makes these by the tables of RetrieveResult.
    const contents = some as readonly ObjectContent[];
    const unread = contents.find(isUnauthenticated);
    if (unread)
      throw new VsphereFault(
        'RetrievePropertiesEx',
        { $type: 'NotAuthenticated', object: unread.obj, privilegeId: 'System.Read' },
        undefined,
      );
    yield contents;
  }
}
