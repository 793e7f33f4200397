import { faultOf } from '../errors/vsphere-fault.js';
import { protocolViolation } from '../errors/vsphere-error.js';
import type { HttpNfcLeaseInfo, LocalizedMethodFault } from '../gen/data-types.gen.js';
import type { HttpClient } from '../http/http-client.js';
import type { Properties } from '../properties/properties.js';
import type { Reference } from '../schema/reference.js';
import type { CallOptions } from '../call-options.js';
import { shippedMethod } from '../session/login.js';
import type { Session } from '../session/session.js';
import { startLimit } from '../wait-limit.js';
import { leaseOver, type Lease } from './lease.js';

/** Leases over machines that are imported (`ImportVApp`) or exported (`ExportVm`). */
export interface Leases {
  /**
   * Waits until a lease is ready and keeps it alive from then on. One that does not become ready is aborted.
   * @throws VsphereFault with what the server says of a lease that failed
   */
  open(ref: Reference<'HttpNfcLease'>, options?: CallOptions): Promise<Lease>;
  /** Opens a lease for some work; completes it when the work does, aborts it when that fails. */
  use<T>(ref: Reference<'HttpNfcLease'>, work: (lease: Lease) => Promise<T>, options?: CallOptions): Promise<T>;
}

const READY_MS = 300_000;
const PATHS = ['state', 'error', 'info'] as const;

export function leasesOf(session: Session, http: HttpClient, properties: Properties): Leases {
  const open = async (ref: Reference<'HttpNfcLease'>, options: CallOptions = {}) => {
    try {
      return leaseOver(session, http, ref, await readyLease(properties, ref, options));
    } catch (error) {
      await session.call(shippedMethod('HttpNfcLeaseAbort'), ref, {}, {}).catch(() => undefined);
      throw error;
    }
  };
  const use = async <T>(ref: Reference<'HttpNfcLease'>, work: (lease: Lease) => Promise<T>, options?: CallOptions) => {
    const lease = await open(ref, options);
    try {
      const result = await work(lease);
      await lease.complete();
      return result;
    } catch (error) {
      await lease.abort().catch(() => undefined);
      throw lease.signal.aborted ? lease.signal.reason : error;
    }
  };
  return { open, use };
}

async function readyLease(
  properties: Properties,
  ref: Reference<'HttpNfcLease'>,
  options: CallOptions,
): Promise<HttpNfcLeaseInfo> {
  const limit = startLimit(`The wait for ${ref.value}`, options, READY_MS);
  try {
    const now = await properties.get(ref, PATHS, { signal: limit.signal });
    if (now.state === 'ready' && now.info) return now.info;
    if (now.state === 'error') throw leaseFault(ref, now.error);
    let known: { state?: string; info?: HttpNfcLeaseInfo; error?: LocalizedMethodFault } = {};
    const watching = properties.watch({ from: [ref], type: 'HttpNfcLease', paths: PATHS }, { signal: limit.signal });
    for await (const update of watching) {
      if (update.kind === 'current') continue;
      if (update.kind === 'resync' || update.kind === 'leave')
        throw protocolViolation(`The lease ${ref.value} is gone.`);
      known = { ...known, ...update.properties };
      if (known.state === 'ready' && known.info) return known.info;
      if (known.state === 'error') throw leaseFault(ref, known.error);
    }
    throw protocolViolation(`The lease ${ref.value} never became ready.`);
  } catch (error) {
    throw limit.signal.aborted ? limit.signal.reason : error;
  } finally {
    limit.end();
  }
}

function leaseFault(ref: Reference, error: LocalizedMethodFault | undefined) {
  const unknown = { fault: { $type: 'MethodFault' as const }, localizedMessage: `The lease ${ref.value} failed.` };
  return faultOf('HttpNfcLease', error ?? unknown);
}
