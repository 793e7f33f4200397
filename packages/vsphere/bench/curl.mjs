import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ENVELOPE =
  '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><s:Body>';
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/**
 * Milliseconds from the request for all machines, in one answer, to its last byte: what the simulator takes to make it
 * and the way to here, with nobody who decodes it. No client that asks for one answer is faster.
 */
export async function measureFloor(peer, scratch, rounds) {
  const call = caller(peer, scratch);
  await call('SessionManager', 'Login', `<userName>${peer.username}</userName><password>${peer.password}</password>`);
  const { text } = await call('ServiceInstance', 'RetrieveServiceContent', '');
  const [, root] = /<rootFolder type="Folder">([^<]+)</.exec(text) ?? [];
  const paths = JSON.parse(await readFile(new URL('peers/paths.json', import.meta.url), 'utf8'));
  const container = `<container type="Folder">${escaped(root)}</container><type>VirtualMachine</type><recursive>true</recursive>`;
  const made = await call('ViewManager', 'CreateContainerView', container);
  const [, view] = /<returnval type="ContainerView">([^<]+)</.exec(made.text) ?? [];
  const listing =
    `<specSet><propSet><type>VirtualMachine</type>${paths.map((path) => `<pathSet>${path}</pathSet>`).join('')}</propSet>` +
    `<objectSet><obj type="ContainerView">${escaped(view)}</obj><skip>true</skip><selectSet xsi:type="TraversalSpec">` +
    '<type>ContainerView</type><path>view</path><skip>false</skip></selectSet></objectSet></specSet><options/>';
  const milliseconds = [];
  let bytes = 0;
  for (let round = 0; round < rounds; round++) {
    const answer = await call('PropertyCollector', 'RetrievePropertiesEx', listing, 'propertyCollector');
    milliseconds.push(answer.milliseconds);
    bytes = answer.text.length;
  }
  await call('SessionManager', 'Logout', '');
  return { milliseconds, bytes };
}

/** Calls with curl; what is secret is in files of a directory that only its owner can read. */
function caller(peer, scratch) {
  const file = (name) => join(scratch, name);
  const files = [
    '--cacert',
    peer.authority.certificate,
    '-b',
    file('jar'),
    '-c',
    file('jar'),
    '-d',
    `@${file('body')}`,
  ];
  const written = ['-o', file('answer'), '-w', '%{time_pretransfer} %{time_total}'];
  return async (type, method, content, id = type) => {
    const self = `<_this type="${type}">${id}</_this>`;
    const body = `${ENVELOPE}<${method} xmlns="urn:vim25">${self}${content}</${method}></s:Body></s:Envelope>`;
    await writeFile(file('body'), body);
    const headers = ['-H', 'content-type: text/xml', '-H', 'soapaction: "urn:vim25/6.7"'];
    const { stdout } = await run('curl', ['-sS', '--fail', ...files, ...headers, ...written, peer.url], {
      timeout: 600_000,
    });
    const [begun = 0, ended = 0] = stdout.split(' ').map(Number);
    return { milliseconds: (ended - begun) * 1000, text: await readFile(file('answer'), 'utf8') };
  };
}
