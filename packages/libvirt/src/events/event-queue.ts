import type { LibvirtError } from '../libvirt-error.js';

/** Stands where events were lost because the consumer did not keep up: look at the objects themselves again. */
export interface EventGap {
  readonly kind: 'gap';
  /** How many events were lost here. */
  readonly dropped: number;
}

type Waiter<E> = { resolve: (result: IteratorResult<E | EventGap>) => void; reject: (error: LibvirtError) => void };

/** A bounded queue between the socket and one consumer. When full, it drops what comes and says so in the right place. */
export class EventQueue<E> {
  readonly #limit: number;
  readonly #items: (E | EventGap)[] = [];
  readonly #waiters: Waiter<E>[] = [];
  #dropped = 0;
  #ended: { error: LibvirtError | undefined } | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(event: E): void {
    if (this.#ended) return;
    const waiter = this.#waiters.shift();
    if (waiter) waiter.resolve({ value: event, done: false });
    else if (this.#items.length >= this.#limit) this.#dropped++;
    else this.#enqueue(event);
  }

  next(): Promise<IteratorResult<E | EventGap>> {
    if (this.#items.length > 0 || this.#dropped > 0) return Promise.resolve({ value: this.#take(), done: false });
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

  #enqueue(event: E): void {
    if (this.#dropped > 0) this.#items.push(this.#gap());
    this.#items.push(event);
  }

  #take(): E | EventGap {
    // Not empty, or events were dropped: the caller checked.
    return this.#items.length > 0 ? (this.#items.shift() as E | EventGap) : this.#gap();
  }

  #gap(): EventGap {
    const gap: EventGap = { kind: 'gap', dropped: this.#dropped };
    this.#dropped = 0;
    return gap;
  }
}
