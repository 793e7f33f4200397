import type { LibvirtError } from '../libvirt-error.js';

/** Stands where events were lost because the consumer did not keep up: look at the objects themselves again. */
export interface EventGap {
  readonly kind: 'gap';
  /** How many events were lost here. */
  readonly dropped: number;
}

/** Bytes of messages behind queued events: a few thousand of the largest usual ones, but not a thousand of 4 MiB. */
const BYTES_MAX = 16 << 20;

interface Entry<E> {
  readonly item: E | EventGap;
  readonly bytes: number;
}

type Waiter<E> = { resolve: (result: IteratorResult<E | EventGap>) => void; reject: (error: LibvirtError) => void };

/** A bounded queue between the socket and one consumer. When full, it drops what comes and says so in the right place. */
export class EventQueue<E> {
  readonly #limit: number;
  readonly #entries: Entry<E>[] = [];
  #bytes = 0;
  readonly #waiters: Waiter<E>[] = [];
  #dropped = 0;
  #ended: { error: LibvirtError | undefined } | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** `bytes` is what the event took on the wire. */
  push(event: E, bytes = 0): void {
    if (this.#ended) return;
    const waiter = this.#waiters.shift();
    if (waiter) waiter.resolve({ value: event, done: false });
    else if (this.#entries.length >= this.#limit || this.#bytes + bytes > BYTES_MAX) this.#dropped++;
    else this.#enqueue({ item: event, bytes });
  }

  next(): Promise<IteratorResult<E | EventGap>> {
    if (this.#entries.length > 0 || this.#dropped > 0) return Promise.resolve({ value: this.#take(), done: false });
    if (this.#ended?.error) return Promise.reject(this.#ended.error);
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** What is queued is still delivered; then the consumer sees the error, or the end. */
  end(error: LibvirtError | undefined): void {
    if (this.#ended) return;
    this.#ended = { error };
    for (const waiter of this.#waiters.splice(0)) {
      if (error) waiter.reject(error);
      else waiter.resolve({ value: undefined, done: true });
    }
  }

  #enqueue(entry: Entry<E>): void {
    if (this.#dropped > 0) this.#entries.push({ item: this.#gap(), bytes: 0 });
    this.#entries.push(entry);
    this.#bytes += entry.bytes;
  }

  /** Not empty, or events were dropped: the caller checked. */
  #take(): E | EventGap {
    const entry = this.#entries.shift();
    if (!entry) return this.#gap();
    this.#bytes -= entry.bytes;
    return entry.item;
  }

  #gap(): EventGap {
    const gap: EventGap = { kind: 'gap', dropped: this.#dropped };
    this.#dropped = 0;
    return gap;
  }
}
