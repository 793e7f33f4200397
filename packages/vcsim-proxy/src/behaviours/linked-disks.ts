import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Handler } from '../chain/handler.js';
import { endToEnd, type Upstream } from '../chain/upstream.js';
import type { PlainHandler } from '../server/plain-requests.js';
import { withOperation, type Call } from '../soap/call.js';
import { child, childrenOf, textOf, withChildren } from '../xml/element.js';

/**
 * Disks that continue others: the simulator makes them as blank ones that know nothing of it. Here their descriptors
 * name what they continue, as hosts write it, and they are copied with it.
 */
export function linkedDisks(upstream: Upstream): { readonly handler: Handler; readonly plainHandler: PlainHandler } {
  /** By `[datastore] folder/file.vmdk`. */
  const parents = new Map<string, string>();

  const rootOf = (file: string): string => {
    const parent = parents.get(file);
    return parent === undefined ? file : rootOf(parent);
  };

  function note(call: Call): void {
    for (const spec of [child(call.operation, 'config'), child(call.operation, 'spec')])
      for (const change of childrenOf(spec, 'deviceChange')) {
        const backing = child(child(change, 'device'), 'backing');
        const [file, parent] = [textOf(backing, 'fileName'), textOf(child(backing, 'parent'), 'fileName')];
        if (textOf(change, 'fileOperation') === 'create' && file !== undefined && parent !== undefined)
          parents.set(file, parent);
      }
  }

  /** A file that is made anew later continues nothing. */
  function forget(call: Call): void {
    const name = textOf(call.operation, 'name') ?? '';
    for (const file of parents.keys()) if (file === name || file.startsWith(`${name}/`)) parents.delete(file);
  }

  return {
    handler(call, next) {
      if (/^(CreateVM|ReconfigVM)_Task$/.test(call.method)) note(call);
      if (/^Delete(DatastoreFile|VirtualDisk)_Task$/.test(call.method)) forget(call);
      if (call.method !== 'CopyVirtualDisk_Task') return next(call);
      const { operation } = call;
      const children = operation.children.map((part) =>
        part.name === 'sourceName' ? { ...part, text: rootOf(part.text) } : part,
      );
      return next(withOperation(call, withChildren(operation, children)));
    },
    async plainHandler(request, response) {
      const parent = request.method === 'GET' ? parents.get(fileOf(request)) : undefined;
      if (parent === undefined || request.headers.range !== undefined) return false;
      const { host: _host, connection: _connection, ...headers } = request.headers;
      const get = (path: string | undefined) => upstream.stream({ method: 'GET', path, headers });
      const answer = await get(request.url);
      const own = await buffer(answer);
      // The older simulator leaves it empty.
      const text = own.length > 0 ? own : await buffer(await get(pathTo(rootOf(parent), request)));
      const body = Buffer.from(`${text.toString()}\nparentFileNameHint="${hintTo(parent)}"\n`);
      response.writeHead(answer.statusCode ?? 502, { ...endToEnd(answer.headers), 'content-length': body.length });
      response.end(body);
      return true;
    },
  };
}

/** The file that a request of the file service names. */
function fileOf({ url = '' }: IncomingMessage): string {
  const { pathname, searchParams } = new URL(url, 'http://simulator');
  if (!pathname.startsWith('/folder/')) return '';
  return `[${searchParams.get('dsName') ?? ''}] ${decodeURIComponent(pathname.slice('/folder/'.length))}`;
}

/** Where the file service has another file of the same datacenter. */
function pathTo(file: string, { url = '' }: IncomingMessage): string {
  const [, datastore = '', path = ''] = /^\[([^\]]*)\] *(.*)$/.exec(file) ?? [];
  const target = new URL(url, 'http://simulator');
  target.pathname = `/folder/${path.split('/').map(encodeURIComponent).join('/')}`;
  target.searchParams.set('dsName', datastore);
  return `${target.pathname}${target.search}`;
}

/** How a host names a file of a datastore. */
const hintTo = (file: string): string => file.replace(/^\[([^\]]*)\] */, '/vmfs/volumes/$1/');
