import { afterEach, expect, test } from '@jest/globals';
import { send, startScripted, type Script, type ScriptedServer } from './scripted-server.js';

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

/** A server with one machine, that notes the connections its answers go over. */
function counting(): { readonly script: Script; readonly used: ReadonlySet<number> } {
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
