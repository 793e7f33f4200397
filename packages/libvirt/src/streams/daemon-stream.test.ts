import { expect, it } from '@jest/globals';
import { Duplex, finished } from 'node:stream';
import { LibvirtError } from '../libvirt-error.js';
import { Outbox } from '../rpc/outbox.js';
import { ReceiveValve } from '../rpc/receive-valve.js';
import { DaemonStream } from './daemon-stream.js';
import { StreamTable } from './stream-table.js';

const ID = { program: 0x20008086, procedure: 208, serial: 7 };
const full = new LibvirtError('SYSTEM_ERROR', 'Unable to write: No space left on device', { ints: [28] });

/** An upload over a transport that takes nothing until it is told to. */
function slowUpload() {
  const waiting: (() => void)[] = [];
  const transport = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, taken) => void waiting.push(taken),
  });
  const table = new StreamTable(new Outbox(transport), new ReceiveValve(transport));
  const stream = new DaemonStream(table, ID, { readable: false, writable: true, sparse: false });
  const outcome = new Promise((resolve) => finished(stream, (error) => resolve(error ?? 'stored')));
  const takeAll = (): void => {
    for (let taken = waiting.shift(); taken; taken = waiting.shift()) taken();
  };
  return { stream, outcome, takeAll };
}

it.each([
  ['with the last bytes still on their way', (stream: Duplex) => void stream.end(Buffer.alloc(8))],
  ['with nothing on its way', () => undefined],
])('a daemon that fails %s is not taken for one that stored all', async (_, write) => {
  const { stream, outcome, takeAll } = slowUpload();
  write(stream);
  stream.failed(full);
  // The failure is told a turn later; meanwhile the transport takes what was written, and the end is reached.
  takeAll();
  stream.end();
  expect(await outcome).toBe(full);
});

it('a daemon that confirms the end has stored all', async () => {
  const { stream, outcome, takeAll } = slowUpload();
  stream.end(Buffer.alloc(8));
  takeAll();
  await new Promise(setImmediate);
  takeAll();
  stream.finished();
  expect(await outcome).toBe('stored');
});

it('a hole of gigabytes leaves others their turns, though its reader never waits', async () => {
  const transport = new Duplex({ read: () => undefined, write: (_chunk, _encoding, taken) => taken() });
  const table = new StreamTable(new Outbox(transport), new ReceiveValve(transport));
  const stream = new DaemonStream(table, ID, { readable: true, writable: false, sparse: false });
  stream.hole(1n << 30n);
  stream.finished();
  let turns = 0;
  let waiting = true;
  const count = (): void => {
    turns += 1;
    if (waiting) setImmediate(count);
  };
  setImmediate(count);
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) size += chunk.length;
  waiting = false;
  expect(size).toBe(2 ** 30);
  expect(turns).toBeGreaterThanOrEqual(128);
});
