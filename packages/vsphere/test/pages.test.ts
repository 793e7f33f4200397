import { afterEach, expect, test } from '@jest/globals';
import { fault, startScripted, type Script, type ScriptedServer } from './scripted-server.js';

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const MACHINES = ['vm-1', 'vm-2', 'vm-3', 'vm-4', 'vm-5'].map((value) => ({ type: 'VirtualMachine', value }) as const);
const idsIn = (body: string) => [...body.matchAll(/<obj type="VirtualMachine">([^<]+)</g)].map(([, id]) => id ?? '');
const collectorIn = (body: string) => /<_this type="PropertyCollector">([^<]+)</.exec(body)?.[1];

/** What a server answers that has whatever is asked for. */
function page(body: string): string {
  const objects = idsIn(body).map(
    (id) =>
      `<objects><obj type="VirtualMachine">${id}</obj><propSet><name>name</name><val xsi:type="xsd:string">${id}</val></propSet></objects>`,
  );
  return `<RetrievePropertiesExResponse><returnval>${objects.join('')}</returnval></RetrievePropertiesExResponse>`;
}

async function listing(script: Script): Promise<readonly string[]> {
  server = await startScripted(script);
  await using vsphere = await server.connect();
  const request = { from: MACHINES, type: 'VirtualMachine', paths: ['name'], pageSize: 2 } as const;
  const ids: string[] = [];
  for await (const { ref } of vsphere.properties.retrieve(request)) ids.push(ref.value);
  return ids;
}

const pagesAsked = () => server?.bodies.filter((body) => body.includes('<RetrievePropertiesEx')) ?? [];

test('the next page is asked for while one is read, of a collector of its own that is given back', async () => {
  const ids = await listing((method, body) => (method === 'RetrievePropertiesEx' ? page(body) : undefined));
  expect(ids).toEqual(MACHINES.map(({ value }) => value));
  expect(pagesAsked().map(idsIn)).toEqual([['vm-1', 'vm-2'], ['vm-3', 'vm-4'], ['vm-5']]);
  expect(pagesAsked().map(collectorIn)).toEqual(['PropertyCollector', 'own', 'PropertyCollector']);
  const calls = server?.calls.filter((call) => call.includes('PropertyCollector'));
  expect(calls).toEqual(['CreatePropertyCollector', 'DestroyPropertyCollector']);
});

test('a server without collectors to give reads every page with its own', async () => {
  const ids = await listing((method, body) => {
    if (method === 'CreatePropertyCollector') return fault('NotSupported', '');
    return method === 'RetrievePropertiesEx' ? page(body) : undefined;
  });
  expect(ids).toHaveLength(5);
  expect(new Set(pagesAsked().map(collectorIn))).toEqual(new Set(['PropertyCollector']));
});

test('a collector that the server has forgotten costs its page only', async () => {
  let made = 0;
  const ids = await listing((method, body) => {
    if (method === 'CreatePropertyCollector') made++;
    if (method !== 'RetrievePropertiesEx') return undefined;
    const lost = made === 1 && collectorIn(body) === 'own';
    return lost ? fault('ManagedObjectNotFound', '<obj type="PropertyCollector">own</obj>') : page(body);
  });
  expect(ids).toEqual(MACHINES.map(({ value }) => value));
  expect(pagesAsked().filter((body) => idsIn(body).includes('vm-1'))).toHaveLength(1);
});
