import type { CallOptions } from '../call-options.js';
import type { SessionManagerGenericServiceTicket } from '../gen/data-types.gen.js';
import type { HttpClient } from '../http/http-client.js';
import type { TlsOptions } from '../http/server-trust.js';
import { shippedMethod } from '../session/login.js';
import type { Session } from '../session/session.js';
import { handedOut } from '../transfers/handed-out.js';
import {
  download,
  head,
  upload,
  type DownloadOptions,
  type Place,
  type TransferOptions,
  type UploadOptions,
} from '../transfers/transfer.js';

/** A file of a datastore. */
export interface DatastoreFile {
  /** The inventory path of the datacenter, for example `DC0` or `folder/DC0`. Absent on an ESXi host. */
  readonly datacenter?: string | undefined;
  readonly datastore: string;
  /** Within the datastore, for example `machine/disk.vmdk`. */
  readonly path: string;
  /** Takes a ticket for each request instead of sending the session's cookie. */
  readonly ticket?: boolean | undefined;
  /** A host to transfer with directly; the requests to it have tickets. */
  readonly via?: { readonly url: string | URL; readonly tls?: TlsOptions | undefined } | undefined;
}

/** Reads and writes files of datastores, in constant memory. */
export interface Files {
  /**
   * Writes a file, replacing one that is there. A failed upload leaves a part of it.
   * @throws VsphereError `HTTP_STATUS` with what the server said, `TRANSFER_INCOMPLETE` when the source has another length
   */
  upload(file: DatastoreFile, source: AsyncIterable<Uint8Array>, options?: UploadOptions): Promise<void>;
  /** Reads a file or a part of it; goes on by itself where a lost connection ended. */
  download(file: DatastoreFile, options?: DownloadOptions): AsyncGenerator<Uint8Array, void, undefined>;
  /** The size of a file in bytes; undefined when it does not exist. */
  head(file: DatastoreFile, options?: CallOptions): Promise<{ readonly size: number } | undefined>;
  /**
   * Writes to an address that the server handed out for it, such as that of a file in a guest, which is good for one use.
   * @throws VsphereError as `upload`
   */
  send(address: string, source: AsyncIterable<Uint8Array>, options?: UploadOptions): Promise<void>;
  /** Reads from an address that the server handed out for it. */
  fetch(address: string, options?: TransferOptions): AsyncGenerator<Uint8Array, void, undefined>;
}

const METHODS = { GET: 'httpGet', HEAD: 'httpHead', PUT: 'httpPut', POST: 'httpPost' } as const;
const HEAD_MS = 60_000;

export function filesOf(session: Session, http: HttpClient): Files {
  const place = (file: DatastoreFile) => placeOf(session, http, file);
  // The address is a secret: it is never told.
  const handedOutFile = (address: string) => handedOut(session, http, address, { what: 'a file of a guest' });
  return {
    upload: (file, source, options = {}) => upload(http, place(file), 'PUT', source, options),
    download: (file, options = {}) => download(http, place(file), options),
    head: (file, options = {}) => head(http, place(file), options, HEAD_MS),
    send: (address, source, options = {}) => upload(http, handedOutFile(address), 'PUT', source, options),
    fetch: (address, options = {}) => download(http, handedOutFile(address), options),
  };
}

function placeOf(session: Session, http: HttpClient, file: DatastoreFile): Place {
  const url = folderUrl(file.via ? new URL(file.via.url) : http.url, file);
  const what = `[${file.datastore}] ${file.path}`;
  const ticket = file.ticket === true || file.via !== undefined;
  const cookie: Place['cookie'] = async (method, signal) => {
    if (!ticket) return session.cookie;
    const spec = { $type: 'SessionManagerHttpServiceRequestSpec', method: METHODS[method], url: url.href };
    const manager = session.content.sessionManager ?? { type: 'SessionManager', value: 'SessionManager' };
    const answer = await session.call(shippedMethod('AcquireGenericServiceTicket'), manager, { spec }, { signal });
    // The result of this method by its table.
    return `vmware_cgi_ticket=${(answer as SessionManagerGenericServiceTicket).id}`;
  };
  return { what, url, cookie, tls: file.via?.tls };
}

/** The address of a file: names may contain anything, also `/` as `%2f` in a datacenter's path. */
export function folderUrl(base: URL, { datacenter, datastore, path }: DatastoreFile): URL {
  const url = new URL(base.origin);
  url.pathname = `/folder/${path.split('/').map(encodeURIComponent).join('/')}`;
  if (datacenter !== undefined) url.searchParams.set('dcPath', datacenter);
  url.searchParams.set('dsName', datastore);
  return url;
}
