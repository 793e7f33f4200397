import {
  createServer as createPlain,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecure } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, type ConnectOptions, type Vsphere } from '../src/index.js';

/** What the server does with a call: the content of a SOAP body, or anything by hand. */
export type Reply = string | ((response: ServerResponse, request: IncomingMessage) => void);
export type Script = (method: string, body: string) => Reply | undefined;

export interface ScriptedServer {
  readonly url: string;
  /** The methods that were called. */
  readonly calls: string[];
  readonly bodies: string[];
  connect(more?: Partial<ConnectOptions>): Promise<Vsphere>;
  stop(): Promise<void>;
}

const XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"';
export const envelope = (body: string) =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" ${XSI}><s:Body>${body}</s:Body></s:Envelope>`;
export const fault = (type: string, content = '') =>
  `<s:Fault><faultcode>s:Server</faultcode><faultstring>Texto local</faultstring><detail>` +
  `<${type}Fault xmlns="urn:vim25" xsi:type="${type}">${content}</${type}Fault></detail></s:Fault>`;

const reference = (name: string, type: string) => `<${name} type="${type}">${type}</${name}>`;
const CONTENT =
  `<RetrieveServiceContentResponse><returnval>${reference('rootFolder', 'Folder')}` +
  `${reference('propertyCollector', 'PropertyCollector')}${reference('viewManager', 'ViewManager')}` +
  '<about><name>x</name><fullName>x</fullName><vendor>x</vendor><version>8.0</version><build>1</build><osType>x</osType>' +
  '<productLineId>vpx</productLineId><apiType>VirtualCenter</apiType><apiVersion>8.0.2.0</apiVersion></about>' +
  `${reference('sessionManager', 'SessionManager')}</returnval></RetrieveServiceContentResponse>`;

/** What every client needs, until the script says otherwise. */
function usual(method: string): Reply | undefined {
  if (method === 'RetrieveServiceContent') return CONTENT;
  if (method === 'Login')
    return (response) => {
      response.setHeader('set-cookie', 'vmware_soap_session="quoted-id"; Path=/; HttpOnly');
      send(response, '<LoginResponse><returnval><key>k</key></returnval></LoginResponse>');
    };
  if (method === 'CreateContainerView')
    return '<CreateContainerViewResponse><returnval type="ContainerView">view-1</returnval></CreateContainerViewResponse>';
  if (method === 'CreatePropertyCollector')
    return '<CreatePropertyCollectorResponse><returnval type="PropertyCollector">own</returnval></CreatePropertyCollectorResponse>';
  if (['Logout', 'DestroyView', 'DestroyPropertyCollector', 'CancelRetrievePropertiesEx'].includes(method))
    return `<${method}Response/>`;
  return undefined;
}

export function send(response: ServerResponse, body: string): void {
  response.writeHead(body.startsWith('<s:Fault') ? 500 : 200, { 'content-type': 'text/xml' });
  response.end(envelope(body));
}

/** A server that says what a script tells it to; with TLS when it gets a key. */
export async function startScripted(
  script: Script,
  tls?: { readonly key: Buffer; readonly cert: Buffer },
  port = 0,
): Promise<ScriptedServer> {
  const calls: string[] = [];
  const bodies: string[] = [];
  const listener: RequestListener = (request, response) => {
    void (async () => {
      let body = '';
      for await (const piece of request) body += String(piece);
      const method = /<soapenv:Body><(\w+)/.exec(body)?.[1] ?? `${request.method} ${request.url}`;
      calls.push(method);
      bodies.push(body);
      const reply = script(method, body) ?? usual(method) ?? fault('MethodNotFound');
      if (typeof reply === 'string') send(response, reply);
      else reply(response, request);
    })().catch(() => response.destroy());
  };
  const server = tls ? createSecure(tls, listener) : createPlain(listener);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  // A listening TCP server has such an address.
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    calls,
    bodies,
    connect: (more = {}) =>
      connect({
        url,
        credentials: { username: 'u', password: 'secret-word' },
        keepAliveMs: 0,
        callTimeoutMs: 3_000,
        ...more,
      }),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
