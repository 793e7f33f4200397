import type { HttpNfcLeaseDeviceUrl, HttpNfcLeaseInfo, LocalizedMethodFault } from '../gen/data-types.gen.js';
import type { HttpClient } from '../http/http-client.js';
import type { Reference } from '../schema/reference.js';
import { shippedMethod } from '../session/login.js';
import type { Session } from '../session/session.js';
import { handedOut } from '../transfers/handed-out.js';
import { download, upload, type Place, type TransferOptions, type UploadOptions } from '../transfers/transfer.js';
import { Heartbeat } from './heartbeat.js';

export interface LeaseUploadOptions extends UploadOptions {
  /** `POST` for disks, which is how they are made; `PUT` for files that `CreateImportSpec` marks `create`. */
  readonly method?: 'POST' | 'PUT' | undefined;
}

/** An open lease. It is kept alive until it is completed or aborted, one of which must be done. */
export interface Lease {
  readonly info: HttpNfcLeaseInfo;
  /** What can be transferred: for an import `importKey` is the id that `CreateImportSpec` gave to the file. */
  readonly deviceUrls: readonly HttpNfcLeaseDeviceUrl[];
  /** Fires when the server ended the lease. */
  readonly signal: AbortSignal;
  upload(device: HttpNfcLeaseDeviceUrl, source: AsyncIterable<Uint8Array>, options?: LeaseUploadOptions): Promise<void>;
  /** The disk as a stream-optimised VMDK, or the file. Its length is not known before. */
  download(device: HttpNfcLeaseDeviceUrl, options?: TransferOptions): AsyncGenerator<Uint8Array, void, undefined>;
  /** Tells how far everything is, in percent; the next heartbeat passes it on. */
  progress(percent: number): void;
  complete(): Promise<void>;
  /** Gives everything up: the server removes what an import made. Repeating it, or after `complete`, does nothing. */
  abort(fault?: LocalizedMethodFault): Promise<void>;
}

const STREAM_VMDK = { 'content-type': 'application/x-vnd.vmware-streamVmdk' };

export function leaseOver(
  session: Session,
  http: HttpClient,
  ref: Reference<'HttpNfcLease'>,
  info: HttpNfcLeaseInfo,
): Lease {
  const call = (name: string, parameters: object) => session.call(shippedMethod(name), ref, parameters, {});
  const heartbeat = new Heartbeat(info.leaseTimeout, (percent) => call('HttpNfcLeaseProgress', { percent }));
  let ended = false;
  const bounded = ({ signal, ...rest }: TransferOptions) => ({
    ...rest,
    signal: signal ? AbortSignal.any([signal, heartbeat.signal]) : heartbeat.signal,
  });
  const complete = async () => {
    if (ended) return;
    await call('HttpNfcLeaseComplete', {});
    ended = true;
    heartbeat.stop();
  };
  const abort = async (fault?: LocalizedMethodFault) => {
    if (ended) return;
    ended = true;
    heartbeat.stop();
    await call('HttpNfcLeaseAbort', { fault });
  };
  return {
    info,
    deviceUrls: info.deviceUrl ?? [],
    signal: heartbeat.signal,
    upload: (device, source, { method = 'POST', ...options } = {}) =>
      upload(http, placeOf(session, http, device), method, source, bounded(options), device.disk ? STREAM_VMDK : {}),
    download: (device, options = {}) => download(http, placeOf(session, http, device), bounded(options)),
    progress: (percent) => heartbeat.report(percent),
    complete,
    abort,
  };
}

const placeOf = (session: Session, http: HttpClient, device: HttpNfcLeaseDeviceUrl): Place =>
  handedOut(session, http, device.url, { what: device.key, told: device.sslThumbprint });
