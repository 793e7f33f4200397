import { Duplex } from 'node:stream';
import { LibvirtError } from '../libvirt-error.js';
import { STREAM_PAYLOAD_MAX } from '../rpc/message.js';
import type { StreamId, StreamSink, StreamTable } from './stream-table.js';

/** Bytes that wait for a reader before the connection is paused. */
const READ_AHEAD = 1 << 20;
const ZEROS = Buffer.alloc(1 << 16);
/** What holes are handed on in: holes of gigabytes are read in few large pieces, for each piece costs its reader the same. */
const HOLE = Buffer.alloc(READ_AHEAD);
const ignore = (): void => undefined;

/** Which ways data flows, seen from here. */
export interface StreamDirection {
  readonly readable: boolean;
  readonly writable: boolean;
  /** Zeros are sent as holes. */
  readonly sparse: boolean;
}

/** One libvirt stream as a Node stream. Ending it finishes the stream, destroying it early aborts it on the daemon. */
export class DaemonStream extends Duplex implements StreamSink {
  readonly #table: StreamTable;
  readonly #id: StreamId;
  readonly #direction: StreamDirection;
  /** Data that came while the reader was full; a number of bytes stands for a hole. */
  readonly #backlog: (Buffer | bigint | null)[] = [];
  #done = false;
  /** Why the daemon did not take everything; told to who ends the stream before it is destroyed for it. */
  #failure: LibvirtError | undefined;
  #confirmed = false;
  #finishing: ((error?: Error | null) => void) | undefined;

  constructor(table: StreamTable, id: StreamId, direction: StreamDirection) {
    super({ ...direction, readableHighWaterMark: READ_AHEAD });
    this.#table = table;
    this.#id = id;
    this.#direction = direction;
    table.open(id, this);
  }

  data(chunk: Buffer): void {
    if (!this.#direction.readable) return;
    // An empty packet is the daemon's end of data; it waits for our confirmation.
    if (chunk.length > 0) return this.#take(Buffer.from(chunk));
    // Once, however often it says so.
    if (!this.#finishing && !this.#confirmed) this.#table.sendFinish(this.#id);
    this.#confirmed = true;
  }

  hole(length: bigint): void {
    if (length < 0n)
      throw new LibvirtError('PROTOCOL_VIOLATION', 'Message from the daemon holds a hole of negative length.');
    if (this.#direction.readable) this.#take(length);
  }

  finished(): void {
    this.#done = true;
    if (this.#direction.readable) this.#take(null);
    this.#settleFinish();
    if (this.#direction.readable && this.#direction.writable && !this.writableEnded) this.end();
  }

  failed(error: LibvirtError): void {
    this.#done = true;
    this.#failure = error;
    this.#settleFinish(error);
    // Closing the connection on purpose is no failure; who waits for the stream's end still learns that it came early.
    const reason = error.code === 'CANCELLED' ? undefined : error;
    // Later, because the failure may come in one packet with the reply, before the caller has the stream and listens.
    setImmediate(() => this.destroy(reason));
  }

  /** Ends a stream that the daemon never opened. */
  discard(): void {
    this.#done = true;
    this.#table.close(this.#id);
    this.destroy();
  }

  override _read(): void {
    // A hole of gigabytes makes its reader never wait, and without a turn now and then the timers of all connections would.
    if (typeof this.#backlog[0] === 'bigint') setImmediate(() => this.#drain());
    else this.#drain();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    // An empty packet would be the end of data.
    if (chunk.length === 0 || this.#done) return done();
    if (this.#direction.sparse) return this.#writeSparse(chunk, 0, done);
    // All parts at once: the transport goes from one to the next without coming back here in between.
    for (let at = 0; at < chunk.length; at += STREAM_PAYLOAD_MAX) {
      const end = at + STREAM_PAYLOAD_MAX;
      this.#table.sendData(this.#id, chunk.subarray(at, end), end < chunk.length ? ignore : done);
    }
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#done) return done(this.#failure);
    this.#finishing = done;
    this.#table.sendFinish(this.#id);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#done) this.#table.abort(this.#id);
    this.#done = true;
    this.#backlog.length = 0;
    this.#settleFinish(error);
    done(error);
  }

  #writeSparse(chunk: Buffer, at: number, done: (error?: Error | null) => void, error?: Error | null): void {
    if (error || at >= chunk.length || this.#done) return done(error);
    const part = chunk.subarray(at, at + ZEROS.length);
    const next = (failure?: Error | null): void => this.#writeSparse(chunk, at + part.length, done, failure);
    if (part.equals(ZEROS.subarray(0, part.length))) this.#sendHole(part.length, next);
    else this.#table.sendData(this.#id, part, next);
  }

  #sendHole(length: number, sent: () => void): void {
    this.#table.sendHole(this.#id, BigInt(length));
    // Not at once: a chunk of many holes would otherwise nest as deep as it is long.
    setImmediate(sent);
  }

  #settleFinish(error?: Error | null): void {
    const finishing = this.#finishing;
    this.#finishing = undefined;
    finishing?.(error);
  }

  #take(piece: Buffer | bigint | null): void {
    this.#backlog.push(piece);
    if (this.#backlog.length === 1) this.#drain();
  }

  /** Hands the backlog to the reader until it is full; then the connection pauses, since the protocol has no window per stream. */
  #drain(): void {
    while (this.#backlog.length > 0) {
      if (!this.push(this.#nextPiece())) {
        this.#table.setFull(this.#id, true);
        return;
      }
    }
    this.#table.setFull(this.#id, false);
  }

  #nextPiece(): Buffer | null {
    const piece = this.#backlog[0] as Buffer | bigint | null;
    if (typeof piece !== 'bigint' || piece <= HOLE.length) {
      this.#backlog.shift();
      return typeof piece === 'bigint' ? HOLE.subarray(0, Number(piece)) : piece;
    }
    // A plain byte stream shows a hole as the zeros it stands for.
    this.#backlog[0] = piece - BigInt(HOLE.length);
    return HOLE;
  }
}
