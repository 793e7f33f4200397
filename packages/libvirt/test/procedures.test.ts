import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { PROCEDURES } from '../src/gen/procedures.gen.js';
import * as library from '../src/index.js';
import {
  domainEvents,
  openConnection,
  domainLookupByName,
  networkEvents,
  secretEvents,
  type Connection,
  type Request,
} from '../src/index.js';
import type { CallContext, CallTable } from './calls/call-table.js';
import { LIFECYCLE, PROPERTIES, SNAPSHOTS } from './calls/domain-calls.js';
import { HOST } from './calls/host-calls.js';
import { QEMU_DOMAIN, QEMU_HOST, QEMU_MIGRATION } from './calls/qemu-calls.js';
import { STORAGE } from './calls/storage-calls.js';
import { IMPLEMENTED } from './implemented.gen.js';
import { describeOnPeer } from './on-peer.js';

jest.setTimeout(60_000);
const called = new Set<string>();

/** Notes which procedures the tests call. */
function recorded(connection: Connection): Connection {
  return {
    ...connection,
    call<T>(request: Request<T>, options?: library.CallOptions): Promise<T> {
      const program = request.program === library.QEMU ? 'qemu' : 'remote';
      called.add(PROCEDURES[`${program}:${request.procedure}`]?.bound ?? '');
      return connection.call(request, options);
    },
  };
}

function run(context: () => CallContext, tables: Readonly<Record<string, CallTable>>): void {
  for (const [title, table] of Object.entries(tables)) {
    describe(title, () => {
      for (const [name, call] of table) it(name, () => call(context()));
    });
  }
}

describe('the protocol', () => {
  it('has a function for every procedure, or a reason why not', () => {
    const known = Object.values(PROCEDURES);
    expect(known).toHaveLength(443 + 7);
    for (const { name, bound, event, ignored } of known)
      expect({ name, covered: Boolean(bound ?? event ?? ignored) }).toEqual({ name, covered: true });
    const internal =
      /^(auth|connect(Open|Close|SupportsFeature|SetIdentity|RegisterCloseCallback|UnregisterCloseCallback)$)|EventRegister|EventDeregister|EventCallback/;
    const missing = known.flatMap(({ bound }) =>
      bound === undefined || internal.test(bound) || bound in library ? [] : [bound],
    );
    expect(missing).toEqual([]);
  });
});

await describeOnPeer('on a real daemon', (peer) => {
  let test: CallContext;
  let qemu: CallContext;
  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'procedures-'));
    const connection = recorded(await openConnection(peer.testUri));
    test = { connection, directory, domain: await domainLookupByName(connection, 'test') };
    qemu = {
      connection: recorded(await openConnection(peer.uri)),
      directory: peer.imagesDirectory,
      domain: test.domain,
    };
  });
  afterAll(async () => {
    await Promise.all([test.connection.close(), qemu.connection.close()]);
    await rm(test.directory, { recursive: true });
  });

  run(() => test, {
    'test domains': LIFECYCLE,
    'test properties': PROPERTIES,
    'test snapshots': SNAPSHOTS,
    'test host': HOST,
    'test storage': STORAGE,
  });
  run(() => qemu, { 'QEMU host': QEMU_HOST, 'QEMU domains': QEMU_DOMAIN, 'QEMU migration': QEMU_MIGRATION });

  it('every kind of event can be asked for', async () => {
    for (const events of [
      await domainEvents(test.connection),
      await networkEvents(test.connection),
      await secretEvents(qemu.connection),
    ])
      await events.close();
  });

  it.each([library.REMOTE, library.QEMU])(
    'a procedure of %i newer than the daemon is a typed error',
    async (program) => {
      const nothing = (): void => undefined;
      const newer = test.connection.call({ program, procedure: 9999, write: nothing, read: nothing });
      await expect(newer).rejects.toMatchObject({ code: 'NO_SUPPORT' });
      expect(await library.connectGetHostname(test.connection)).not.toBe('');
    },
  );

  it('80 % of what the drivers implement is called', () => {
    const bound = new Set(Object.values(PROCEDURES).map((procedure) => procedure.bound));
    const implemented = [...new Set<string>([...IMPLEMENTED.test, ...IMPLEMENTED.qemu])].filter((name) =>
      bound.has(name),
    );
    const session = new Set(['connectOpen', 'connectClose', 'connectSupportsFeature']);
    const missing = implemented.filter((name) => !called.has(name) && !session.has(name));
    const share = 1 - missing.length / implemented.length;
    process.stderr.write(
      `procedures called: ${implemented.length - missing.length} of ${implemented.length}; not called: ${missing.join(', ')}\n`,
    );
    expect(share).toBeGreaterThanOrEqual(0.8);
  });
});
