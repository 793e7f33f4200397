import { afterEach, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { isFault, isVsphereError, type Reference } from '../src/index.js';
import { collect } from './on-vcsim.js';
import {
  envelope,
  fault,
  send,
  startScripted,
  type Reply,
  type Script,
  type ScriptedServer,
} from './scripted-server.js';

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const MACHINE = { type: 'VirtualMachine', value: 'vm-1' } as const;
const machine = (id: string) =>
  `<objects><obj type="VirtualMachine">${id}</obj><propSet><name>name</name><val xsi:type="xsd:string">${id}</val></propSet></objects>`;
const page = (method: string, ids: readonly string[], token?: string) =>
  `<${method}Response><returnval>${token === undefined ? '' : `<token>${token}</token>`}${ids.map(machine).join('')}</returnval></${method}Response>`;

/** What the view says that there is. */
const view = (ids: readonly string[]) =>
  '<RetrievePropertiesExResponse><returnval><objects><obj type="ContainerView">view-1</obj><propSet><name>view</name>' +
  `<val xsi:type="ArrayOfManagedObjectReference">${ids
    .map((id) => `<ManagedObjectReference type="VirtualMachine">${id}</ManagedObjectReference>`)
    .join('')}</val></propSet></objects></returnval></RetrievePropertiesExResponse>`;

/** The script tells of the listing's pages only; the view knows four machines. */
const withView =
  (script: Script): Script =>
  (method, body) =>
    body.includes('<pathSet>view</pathSet>') ? view(['vm-1', 'vm-2', 'vm-3', 'vm-9']) : script(method, body);

async function listing(script: Script, onVanished?: (ref: Reference) => void) {
  server = await startScripted(withView(script));
  const vsphere = await server.connect();
  const request = { from: vsphere.content.rootFolder, type: 'VirtualMachine', paths: ['name'], onVanished } as const;
  const result = await collect(vsphere.properties.retrieve(request)).catch((error: unknown) => error);
  await vsphere.close();
  return Array.isArray(result) ? result.map(({ ref }: { ref: Reference }) => ref.value) : result;
}

/** What a reading call ends with when the server answers so. */
async function ended(reply: Reply, deadlineMs = 2_000): Promise<unknown> {
  server = await startScripted((method) => (method === 'CurrentTime' ? reply : undefined));
  const vsphere = await server.connect();
  const target = { type: 'ServiceInstance', value: 'ServiceInstance' } as const;
  const deadline = new Date(Date.now() + deadlineMs);
  const result = await vsphere.invoke(target, 'CurrentTime', {}, { deadline }).catch((error: unknown) => error);
  await vsphere.close();
  expect(server.calls.at(-1)).toBe('Logout');
  return isVsphereError(result) ? result.code : result;
}

const NOW = '<CurrentTimeResponse><returnval>2026-11-21T10:00:00Z</returnval></CurrentTimeResponse>';

test('an answer may be packed', async () => {
  const reply: Reply = (response, request) => {
    expect(request.headers['accept-encoding']).toBe('gzip');
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.end(gzipSync(envelope(NOW)));
  };
  expect(await ended(reply)).toBe('2026-11-21T10:00:00Z');
});

const cases: [string, Reply, string][] = [
  [
    'a packed answer that breaks off',
    (r) => (r.writeHead(200, { 'content-encoding': 'gzip' }), r.end(gzipSync(envelope(NOW)).subarray(0, 60))),
    'CONNECTION_LOST',
  ],
  [
    'a page that says 503',
    (r) => (
      r.writeHead(503, { 'content-type': 'text/html' }),
      r.end('<html>Out of HTTP sessions: Limited to 2000</html>')
    ),
    'HTTP_STATUS',
  ],
  ['an error that is no fault', (r) => (r.writeHead(500), r.end('oops')), 'HTTP_STATUS'],
  ['a page that says 200', (r) => r.end('<html><body>Sign in</body></html>'), 'PROTOCOL_VIOLATION'],
  ['nothing', (r) => r.end(), 'PROTOCOL_VIOLATION'],
  [
    'an answer that is shorter than it said',
    (r) => (
      r.writeHead(200, { 'content-length': 5_000 }),
      r.write(envelope(NOW).slice(0, 99)),
      setTimeout(() => r.destroy(), 20)
    ),
    'CONNECTION_LOST',
  ],
  [
    'an answer that breaks off in its pieces',
    (r) => (r.write(envelope(NOW).slice(0, 99)), setTimeout(() => r.destroy(), 20)),
    'CONNECTION_LOST',
  ],
  ['a reset', (r) => r.socket?.resetAndDestroy(), 'CONNECTION_LOST'],
  ['silence', () => undefined, 'DEADLINE_EXCEEDED'],
  ['an answer that never ends', (r) => drip(r), 'DEADLINE_EXCEEDED'],
];

function drip(response: import('node:http').ServerResponse): void {
  response.write('<s:Envelope xmlns:s="x"><s:Body><CurrentTimeResponse>');
  const timer = setInterval(() => response.write('<x>more</x>'), 5);
  response.once('close', () => clearInterval(timer));
}

test.each(cases)('%s is a typed error, and the next call works', async (_, reply, code) => {
  // Only those that wait for it must not wait long.
  expect(await ended(reply, code === 'DEADLINE_EXCEEDED' ? 700 : 20_000)).toBe(code);
});

test('a 503 says what the server said, and never the password', async () => {
  server = await startScripted((method) =>
    method === 'Login' ? (r) => (r.writeHead(503), r.end('Out of HTTP sessions: Limited to 2000')) : undefined,
  );
  const error = await server.connect().catch((caught: unknown) => caught);
  expect(isVsphereError(error) && [error.code, error.status]).toEqual(['HTTP_STATUS', 503]);
  expect(String(error)).toContain('Limited to 2000');
  expect(JSON.stringify(error) + String(error)).not.toContain('secret-word');
});

test('a call that only reads is repeated once after a reset; one that changes something never', async () => {
  let resets = 0;
  const reset: Reply = (response) => (resets++, response.socket?.resetAndDestroy());
  server = await startScripted((method) => {
    if (method === 'PowerOnVM_Task') return reset;
    if (method === 'CurrentTime') return resets === 0 ? reset : NOW;
    return undefined;
  });
  const vsphere = await server.connect();
  expect(await vsphere.invoke({ type: 'ServiceInstance', value: 'ServiceInstance' }, 'CurrentTime', {})).toBe(
    '2026-11-21T10:00:00Z',
  );
  const error = await vsphere.invoke(MACHINE, 'PowerOnVM_Task', {}).catch((caught: unknown) => caught);
  expect(isVsphereError(error) && [error.code, error.sent]).toEqual(['CONNECTION_LOST', true]);
  expect(server.calls.filter((call) => call === 'PowerOnVM_Task')).toHaveLength(1);
  await vsphere.close();
});

test('"0" is a token; pages are asked for until there is none', async () => {
  const result = await listing((method) => {
    if (method === 'RetrievePropertiesEx') return page(method, ['vm-1', 'vm-2'], '0');
    return method === 'ContinueRetrievePropertiesEx' ? page(method, ['vm-3']) : undefined;
  });
  expect(result).toEqual(['vm-1', 'vm-2', 'vm-3']);
  expect(server?.bodies.find((body) => body.includes('<ContinueRetrieve'))).toContain('<token>0</token>');
  expect(server?.calls).toContain('DestroyView');
  expect(server?.calls.at(-1)).toBe('Logout');
});

test('leaving a loop early gives the rest of the pages and the view back', async () => {
  server = await startScripted(
    withView((method) => (method === 'RetrievePropertiesEx' ? page(method, ['vm-1'], '7') : undefined)),
  );
  const vsphere = await server.connect();
  const request = { from: vsphere.content.rootFolder, type: 'VirtualMachine', paths: ['name'] } as const;
  for await (const _ of vsphere.properties.retrieve(request)) break;
  expect(server.calls).toContain('DestroyView');
  expect(server.calls).toContain('CancelRetrievePropertiesEx');
  await vsphere.close();
});

test('a session that ends between two pages is renewed, and no object comes twice', async () => {
  let logins = 0;
  const result = await listing((method, body) => {
    if (method === 'Login') logins++;
    if (method === 'RetrievePropertiesEx')
      return page(method, logins === 1 ? ['vm-1', 'vm-2'] : ['vm-2', 'vm-1', 'vm-9'], 'token');
    if (method !== 'ContinueRetrievePropertiesEx') return undefined;
    if (logins === 1)
      return fault(
        'NotAuthenticated',
        '<object type="PropertyCollector">x</object><privilegeId>System.Read</privilegeId>',
      );
    // The token of the old session is not the new one's: a call that was repeated with it is refused.
    return server?.calls.filter((call) => call !== 'DestroyView').at(-2) === 'RetrievePropertiesEx'
      ? page(method, ['vm-3'])
      : fault('InvalidArgument', body.slice(0, 0));
  });
  expect(result).toEqual(['vm-1', 'vm-2', 'vm-9', 'vm-3']);
});

test('a server that reads nothing object by object because the session ended is asked again after a login', async () => {
  let logins = 0;
  const unread =
    '<RetrievePropertiesExResponse><returnval><objects><obj type="VirtualMachine">vm-1</obj><missingSet><path>name</path><fault>' +
    '<fault xsi:type="NotAuthenticated"><object type="VirtualMachine">vm-1</object><privilegeId>System.Read</privilegeId></fault>' +
    '</fault></missingSet></objects></returnval></RetrievePropertiesExResponse>';
  const result = await listing((method) => {
    if (method === 'Login') logins++;
    return method === 'RetrievePropertiesEx' ? (logins === 1 ? unread : page(method, ['vm-1'])) : undefined;
  });
  expect(result).toEqual(['vm-1']);
  expect(logins).toBe(2);
});

test('an object that vanishes within a listing is left out of it', async () => {
  const vanished: string[] = [];
  const result = await listing(
    (method, body) => {
      if (method !== 'RetrievePropertiesEx') return undefined;
      const gone = ['vm-2', 'vm-3'].find((id) => body.includes(`>${id}<`));
      if (gone) return fault('ManagedObjectNotFound', `<obj type="VirtualMachine">${gone}</obj>`);
      return page(method, ['vm-1']);
    },
    ({ value }) => vanished.push(value),
  );
  expect(result).toEqual(['vm-1']);
  expect(vanished).toEqual(['vm-2', 'vm-3']);
});

test('a fault in another language is known by its type', async () => {
  server = await startScripted((method) =>
    method === 'PowerOnVM_Task' ? fault('FutureFault', '<x>1</x>') : undefined,
  );
  const vsphere = await server.connect();
  const error = await vsphere.invoke(MACHINE, 'PowerOnVM_Task', {}).catch((caught: unknown) => caught);
  expect(isFault(error, 'MethodFault')).toBe(false);
  expect(error).toMatchObject({ name: 'VsphereFault', faultType: 'FutureFault', method: 'PowerOnVM_Task' });
  await vsphere.close();
});

test('a pinned server that shows another certificate gets no password', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'vsphere-pin-'));
  const make = (name: string) => {
    const [key, cert] = [join(directory, `${name}.key`), join(directory, `${name}.pem`)];
    const arguments_ = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
    execFileSync('openssl', [...arguments_, '-subj', `/CN=${name}`, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  };
  server = await startScripted(() => undefined, make('first'));
  const { port } = new URL(server.url);
  const unknown = await server.connect().catch((error: unknown) => error);
  const thumbprint = isVsphereError(unknown) ? unknown.thumbprint : undefined;
  const vsphere = await server.connect({ tls: { thumbprint } });
  await server.stop();
  server = await startScripted(() => undefined, make('second'), Number(port));
  const target = { type: 'ServiceInstance', value: 'ServiceInstance' } as const;
  const changed = await vsphere.invoke(target, 'CurrentTime', {}).catch((error: unknown) => error);
  expect(isVsphereError(changed) && [changed.code, changed.sent]).toEqual(['CERTIFICATE_REFUSED', false]);
  expect(isVsphereError(changed) && changed.thumbprint).not.toBe(thumbprint);
  await vsphere.close();
  expect(server.calls).toEqual([]);
  rmSync(directory, { recursive: true });
});

test('a download goes on where the connection was lost', async () => {
  const content = Buffer.from('0123456789'.repeat(1_000));
  const ranges: (string | undefined)[] = [];
  server = await startScripted((method) => {
    if (!method.startsWith('GET ')) return undefined;
    return (response, request) => {
      const { range } = request.headers;
      ranges.push(range);
      const start = Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0);
      response.writeHead(range ? 206 : 200, { 'content-length': content.length - start });
      response.write(content.subarray(start, start + 3_000));
      if (start + 3_000 < content.length) setTimeout(() => response.destroy(), 20);
      else response.end();
    };
  });
  const vsphere = await server.connect();
  const read = await collect(vsphere.files.download({ datacenter: 'a%2fb', datastore: 'd s', path: 'x/y z' }));
  expect(Buffer.concat(read)).toEqual(content);
  expect(ranges).toEqual([undefined, 'bytes=3000-9999', 'bytes=6000-9999', 'bytes=9000-9999']);
  expect(server.calls).toContain('GET /folder/x/y%20z?dcPath=a%252fb&dsName=d+s');
  await vsphere.close();
});

test('two waits at once: a login that fails fails both, and a closed client stays closed', async () => {
  let logins = 0;
  server = await startScripted((method) => {
    if (method === 'Login' && logins++ > 0) return fault('InvalidLogin');
    return method === 'CurrentTime'
      ? (response) => send(response, fault('NotAuthenticated', '<object type="Folder">x</object>'))
      : undefined;
  });
  const vsphere = await server.connect();
  const target = { type: 'ServiceInstance', value: 'ServiceInstance' } as const;
  const calls = [1, 2].map(() => vsphere.invoke(target, 'CurrentTime', {}).catch((error: unknown) => error));
  const errors = await Promise.all(calls);
  expect(errors.every((error) => isFault(error, 'InvalidLogin'))).toBe(true);
  expect(logins).toBe(2);
  await vsphere.close();
});
