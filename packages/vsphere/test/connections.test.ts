import { afterEach, expect, test } from '@jest/globals';
import { envelope, send, startScripted, type Script, type ScriptedServer } from './scripted-server.js';

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const object = (type: string, id: string, name: string, value: string) =>
  `<objects><obj type="${type}">${id}</obj><propSet><name>${name}</name>${value}</propSet></objects>`;
const VIEW = object(
  'ContainerView',
  'view-1',
  'view',
  '<val xsi:type="ArrayOfManagedObjectReference"><ManagedObjectReference type="VirtualMachine">vm-1</ManagedObjectReference></val>',
);
const MACHINE = object('VirtualMachine', 'vm-1', 'name', '<val xsi:type="xsd:string">one</val>');

const BEGINNING = `<RetrievePropertiesExResponse><returnval>${MACHINE}`;

/** A server with one machine, that notes the connections its answers go over. */
function counting(): { readonly script: Script; readonly used: Set<number> } {
  const used = new Set<number>();
  const script: Script = (method, body) => {
    if (method !== 'RetrievePropertiesEx') return undefined;
    const objects = body.includes('<type>ContainerView</type>') ? VIEW : MACHINE;
    return (response, request) => {
      used.add(request.socket.remotePort ?? 0);
      send(response, `<RetrievePropertiesExResponse><returnval>${objects}</returnval></RetrievePropertiesExResponse>`);
    };
  };
  return { script, used };
}

test('reading objects one after the other takes one connection', async () => {
  const { script, used } = counting();
  server = await startScripted(script);
  await using vsphere = await server.connect();
  const machine = { type: 'VirtualMachine', value: 'vm-1' } as const;
  for (let round = 0; round < 5; round++)
    expect(await vsphere.properties.get(machine, ['name'])).toEqual({ name: 'one' });
  expect(used.size).toBe(1);
});

test('listings one after the other make no connections of their own', async () => {
  const { script, used } = counting();
  server = await startScripted(script);
  await using vsphere = await server.connect();
  const request = { from: vsphere.content.rootFolder, type: 'VirtualMachine', paths: ['name'] } as const;
  for (let round = 0; round < 6; round++)
    for await (const { properties } of vsphere.properties.retrieve(request)) expect(properties.name).toBe('one');
  // The view is given back while the page is read.
  expect(used.size).toBeLessThanOrEqual(2);
});

test('a loop that is left at an object keeps the connection when the answer has arrived, and ends it when it has not', async () => {
  const { script, used } = counting();
  let whole = true;
  let ended = 0;
  server = await startScripted((method, body) => {
    const reply = script(method, body);
    if (whole || typeof reply !== 'function') return reply;
    return (response) => {
      response.on('close', () => ended++);
      // The end of it never comes.
      response.writeHead(200).write(envelope(BEGINNING).replace(/<\/s:Body>.*/, ''));
    };
  });
  await using vsphere = await server.connect();
  const from = [{ type: 'VirtualMachine', value: 'vm-1' }] as const;
  const first = async () => {
    for await (const { properties } of vsphere.properties.retrieve({ from, type: 'VirtualMachine', paths: ['name'] }))
      return properties.name;
    return undefined;
  };
  for (let round = 0; round < 5; round++) expect(await first()).toBe('one');
  // One is thrown away while the next is asked for.
  expect(used.size).toBeLessThanOrEqual(2);
  whole = false;
  for (let round = 0; round < 3; round++) expect(await first()).toBe('one');
  const deadline = Date.now() + 10_000;
  while (ended < 3 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(ended).toBe(3);
});
