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
 * The objects of a specification, page after page, each given as soon as it has arrived. A token belongs to its session
 * and to us: what is left of the server's pages is given back when the loop ends early.
 * @throws VsphereFault `NotAuthenticated` when the session was lost on the way
 */
export async function* retrievePages(
  session: Session,
  pages: Pages,
  options: CallOptions,
): AsyncGenerator<ObjectContent, void, undefined> {
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
  page: AsyncGenerator<unknown, unknown, undefined>,
): AsyncGenerator<ObjectContent, void, undefined> {
  // The decoder makes these by the tables of RetrieveResult; a query without objects has no result.
  for await (const one of page) {
    const content = one as ObjectContent;
    if (isUnauthenticated(content))
      throw new VsphereFault(
        'RetrievePropertiesEx',
        { $type: 'NotAuthenticated', object: content.obj, privilegeId: 'System.Read' },
        undefined,
      );
    yield content;
  }
}
