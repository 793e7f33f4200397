import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Socket } from 'node:net';
import * as messages from '../src/gen/event-messages.gen.js';
import * as structs from '../src/gen/structs.gen.js';
import { connectListAllDomains, isLibvirtError, openConnection } from '../src/index.js';
import { FrameReader } from '../src/rpc/frame-reader.js';
import { readLibvirtError } from '../src/rpc/remote-error.js';
import { readTypedParameters } from '../src/typed-parameters.js';
import { XdrReader } from '../src/xdr/reader.js';
import { message, scriptedDaemon } from './scripted-daemon.js';

/** Seconds for each property; a longer run is asked for by the environment. */
const TIME = Number(process.env['FUZZ_SECONDS'] ?? 2) * 1000;
const bounded = { numRuns: 1_000_000, interruptAfterTimeLimit: TIME, markInterruptAsFailure: false };

type Reader = (reader: XdrReader) => unknown;
const READERS: readonly (readonly [string, Reader])[] = [
  // Everything that is exported under the name of a reader takes a reader alone.
  ...(Object.entries({ ...structs, ...messages }).filter(([name]) => name.startsWith('read')) as [string, Reader][]),
  ['readLibvirtError', readLibvirtError],
  ['readTypedParameters', (reader) => readTypedParameters(reader, 64)],
];

/** Words are what the protocol is made of: small counts and lengths reach deeper into a decoder than random bytes. */
const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 256 }),
  fc
    .array(fc.oneof(fc.nat(4), fc.nat(64), fc.constantFrom(0x7fffffff, 0x80000000, 0xffffffff)), { maxLength: 64 })
    .map((words) => {
      const bytes = Buffer.alloc(words.length * 4);
      words.forEach((word, index) => bytes.writeUInt32BE(word, index * 4));
      return bytes;
    }),
);

/** Characters, bytes and elements of a decoded value. */
function weight(value: unknown): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length;
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, part) => sum + weight(part), 1);
}

describe('whatever comes', () => {
  it(
    'a decoder gives a value no larger than what it was sent, or a typed error',
    () => {
      fc.assert(
        fc.property(fc.constantFrom(...READERS), bodies, ([, read], body) => {
          let value: unknown;
          try {
            value = read(new XdrReader(Buffer.from(body)));
          } catch (error) {
            expect(error).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
          }
          // UUIDs grow most: 36 characters from 16 bytes.
          expect(weight(value)).toBeLessThanOrEqual(64 + 3 * body.length);
        }),
        bounded,
      );
    },
    TIME + 10_000,
  );

  it(
    'messages are cut out of the bytes the same, however these are cut',
    () => {
      const frames = fc.array(fc.uint8Array({ maxLength: 64 }), { minLength: 1, maxLength: 8 });
      fc.assert(
        fc.property(frames, fc.array(fc.nat(600), { maxLength: 30 }), (payloads, cuts) => {
          const sent = payloads.map((body) => message({ body: Buffer.from(body) }));
          const bytes = Buffer.concat(sent);
          const got: Buffer[] = [];
          const reader = new FrameReader();
          const edges = [...new Set([0, ...cuts.filter((cut) => cut < bytes.length), bytes.length])].sort(
            (a, b) => a - b,
          );
          // The reader may keep nothing of the buffer it was given: that one is used again.
          const buffer = Buffer.alloc(bytes.length);
          edges.slice(1).forEach((edge, index) => {
            const start = edges[index] ?? 0;
            bytes.copy(buffer, 0, start, edge);
            reader.push(buffer.subarray(0, edge - start), (frame, start, end) =>
              got.push(Buffer.from(frame.subarray(start, end))),
            );
            buffer.fill(0xee);
          });
          expect(got).toEqual(sent.map((frame) => frame.subarray(4)));
        }),
        bounded,
      );
    },
    TIME + 10_000,
  );

  it(
    'bytes that are no messages are kept or refused, and never more kept than were sent',
    () => {
      const lengths = fc.oneof(fc.nat(64), fc.constantFrom(28, 27, 33554436, 33554437, 0x7fffffff, 0xffffffff));
      fc.assert(
        fc.property(lengths, fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 8 }), (length, chunks) => {
          const reader = new FrameReader();
          let [sent, got] = [0, 0];
          const push = (chunk: Uint8Array): void => {
            sent += chunk.length;
            reader.push(Buffer.from(chunk), (_, start, end) => (got += 4 + end - start));
          };
          const head = Buffer.alloc(4);
          head.writeUInt32BE(length);
          try {
            [head, ...chunks].forEach(push);
            expect(length).toBeGreaterThanOrEqual(28);
            expect(length).toBeLessThanOrEqual(33554436);
          } catch (error) {
            expect(error).toMatchObject({ code: 'PROTOCOL_VIOLATION' });
          }
          expect(got).toBeLessThanOrEqual(sent);
        }),
        bounded,
      );
    },
    TIME + 10_000,
  );

  it(
    'a connection gives an answer or a typed error, and never hangs',
    async () => {
      let answer = Buffer.alloc(0);
      const daemon = await scriptedDaemon((_, socket: Socket) => socket.end(answer));
      const header = fc.record({
        program: fc.constantFrom(0x20008086, 0x6b656570, 1),
        type: fc.nat(7),
        serial: fc.nat(6),
        status: fc.nat(3),
        procedure: fc.nat(450),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(header, bodies), { maxLength: 4 }), async (parts) => {
          answer = Buffer.concat(parts.map(([one, body]) => message({ ...one, body: Buffer.from(body) })));
          const connection = await openConnection(daemon.uri, { callTimeout: 2000 });
          const outcome = await connectListAllDomains(connection).catch((error: unknown) => error);
          expect(Array.isArray(outcome) || isLibvirtError(outcome)).toBe(true);
          connection.rpc.close();
        }),
        bounded,
      );
      await daemon.close();
    },
    TIME + 10_000,
  );
});
