import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import type { Simulated } from './simulator.js';

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly text: string;
  /** Size of the pieces in which the body arrived. */
  readonly encoding: string | undefined;
}

/** A client that knows nothing but HTTP. */
export interface SoapClient {
  call(method: string, self: string, parameters?: string): Promise<RawAnswer>;
  get(path: string, headers?: Record<string, string>): Promise<RawAnswer>;
  readonly cookie: string;
  close(): void;
}

/** Logged in, over TLS, with a connection of its own. */
export async function soapClient(simulated: Simulated): Promise<SoapClient> {
  const { proxy, peer } = simulated;
  const agent = new Agent({ keepAlive: true, ca: await readFile(simulated.authority) });
  let cookie = '';

  function send(method: string, path: string, headers: Record<string, string>, body?: string): Promise<RawAnswer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(new URL(path, proxy.url), { method, agent, headers }, (answer) => {
        const [given] = answer.headers['set-cookie'] ?? [];
        if (given !== undefined) cookie = given.split(';')[0] ?? '';
        const encoding = answer.headers['content-encoding'];
        buffer(answer).then((bytes) => {
          const text = (encoding === 'gzip' ? gunzipSync(bytes) : bytes).toString();
          resolve({ status: answer.statusCode ?? 0, text, encoding });
        }, reject);
      });
      outgoing.on('error', reject).end(body);
    });
  }

  const client: SoapClient = {
    get cookie() {
      return cookie;
    },
    get: (path, headers = {}) => send('GET', path, headers),
    call(method, self, parameters = '') {
      const [type = ''] = self.split(':');
      const operation = `<${method} xmlns="urn:vim25"><_this type="${type}">${self.slice(type.length + 1)}</_this>${parameters}</${method}>`;
      const envelope = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Body>${operation}</e:Body></e:Envelope>`;
      return send('POST', '/sdk', { cookie, 'content-type': 'text/xml' }, envelope);
    },
    close: () => agent.destroy(),
  };
  const parameters = `<userName>${peer.username}</userName><password>${peer.password}</password>`;
  const { status } = await client.call('Login', 'SessionManager:SessionManager', parameters);
  if (status !== 200) throw new Error(`Login answered ${status}.`);
  return client;
}

/** Asks for the names of all machines through a view, in pages. */
export async function listMachines(client: SoapClient, maxObjects = ''): Promise<RawAnswer> {
  const view = await client.call(
    'CreateContainerView',
    'ViewManager:ViewManager',
    '<container type="Folder">group-d1</container><type>VirtualMachine</type><recursive>true</recursive>',
  );
  const [, id = ''] = /<returnval[^>]*>([^<]+)</.exec(view.text) ?? [];
  const select = '<selectSet xsi:type="TraversalSpec"><type>ContainerView</type><path>view</path></selectSet>';
  return client.call(
    'RetrievePropertiesEx',
    'PropertyCollector:propertyCollector',
    `<specSet><propSet><type>VirtualMachine</type><pathSet>name</pathSet></propSet>` +
      `<objectSet><obj type="ContainerView">${id}</obj><skip>true</skip>${select}</objectSet></specSet>` +
      `<options>${maxObjects}</options>`,
  );
}

/** The texts of all elements of a name. */
export const texts = (answer: RawAnswer, name: string): string[] =>
  [...answer.text.matchAll(new RegExp(`<${name}(?: [^>]*)?>([^<]*)<`, 'g'))].map(([, text = '']) => text);

/** The type of the fault that an answer is. */
export const faultType = ({ text }: RawAnswer): string | undefined => /<\w*Fault [^>]*xsi:type="(\w+)"/.exec(text)?.[1];
