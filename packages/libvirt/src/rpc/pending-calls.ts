import { LibvirtError } from '../libvirt-error.js';
import type { XdrReader } from '../xdr/reader.js';
import type { CallOptions } from './call-options.js';

/** A call that waits for its reply. `late` runs when a good reply comes after the caller has given up. */
export interface PendingCall {
  readonly program: number;
  readonly procedure: number;
  readonly expires: number;
  readonly accept: (reader: XdrReader) => void;
  readonly reject: (error: LibvirtError) => void;
  readonly late?: ((reader: XdrReader) => void) | undefined;
  readonly release?: () => void;
}

/** The calls in flight on one connection, by serial, with one timer for all their deadlines. */
export class PendingCalls {
  readonly #calls = new Map<number, PendingCall>();
  readonly #abandoned = new Map<number, (reader: XdrReader) => void>();
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;

  get size(): number {
    return this.#calls.size;
  }

  add(serial: number, call: PendingCall, options: CallOptions | undefined): void {
    const signal = options?.signal;
    const entry = signal ? { ...call, release: this.#watch(signal, serial) } : call;
    this.#calls.set(serial, entry);
    if (call.expires < this.#timerAt) this.#arm(call.expires);
  }

  /** Takes the call that a reply belongs to. */
  take(serial: number): PendingCall | undefined {
    const call = this.#calls.get(serial);
    if (!call) return undefined;
    this.#calls.delete(serial);
    call.release?.();
    return call;
  }

  /** Takes what is to be done about the reply to a call whose caller has given up. */
  takeAbandoned(serial: number): ((reader: XdrReader) => void) | undefined {
    const late = this.#abandoned.get(serial);
    this.#abandoned.delete(serial);
    return late;
  }

  /** Ends every wait at once. */
  failAll(error: LibvirtError): void {
    clearTimeout(this.#timer);
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    this.#abandoned.clear();
    for (const call of calls) {
      call.release?.();
      call.reject(error);
    }
  }

  #watch(signal: AbortSignal, serial: number): () => void {
    const onAbort = (): void => this.#abandon(serial, cancelled(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    return () => signal.removeEventListener('abort', onAbort);
  }

  #abandon(serial: number, error: LibvirtError): void {
    const call = this.#calls.get(serial);
    if (!call) return;
    this.#calls.delete(serial);
    this.#abandoned.set(serial, call.late ?? ignore);
    call.release?.();
    call.reject(error);
  }

  /** The timer is only ever moved forward; most calls end long before it and never touch it. */
  #arm(at: number): void {
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#expire(), Math.max(0, Math.min(at - Date.now(), 0x7fffffff)));
  }

  #expire(): void {
    const now = Date.now();
    let next = Infinity;
    for (const [serial, call] of this.#calls) {
      if (call.expires <= now) this.#abandon(serial, deadlineExceeded(call.procedure));
      else if (call.expires < next) next = call.expires;
    }
    this.#timerAt = Infinity;
    if (next < Infinity) this.#arm(next);
  }
}

function ignore(): void {
  // The result of a call that nobody waits for is dropped.
}

export function cancelled(signal: AbortSignal): LibvirtError {
  return new LibvirtError('CANCELLED', 'Call was cancelled by its signal.', { cause: signal.reason });
}

function deadlineExceeded(procedure: number): LibvirtError {
  const advice = 'The daemon may still carry it out: look at the object before repeating the call.';
  return new LibvirtError('DEADLINE_EXCEEDED', `Procedure ${procedure} had no answer before its deadline. ${advice}`);
}
