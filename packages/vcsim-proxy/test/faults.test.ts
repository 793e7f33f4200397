import { itWith } from '@virt-drivers/peers/jest';
import { describeSimulated, type Govc, type Simulated } from './simulator.js';
import { faultType, listMachines, soapClient, texts, type SoapClient } from './soap-client.js';

const time = ['CurrentTime', 'ServiceInstance:ServiceInstance'] as const;

await describeSimulated('what goes wrong', (here) => {
  let client: SoapClient | undefined;
  beforeEach(async () => (client = await soapClient(here)));
  afterEach(async () => {
    here.proxy.faults.clear();
    await client?.call('Logout', 'SessionManager:SessionManager').catch(() => undefined);
    client?.close();
  });
  const proof = (name: string, run: (here: Simulated, client: SoapClient) => Promise<void>) =>
    it(name, () => run(here, loggedIn()));
  const proofWithGovc = (name: string, run: (here: Simulated, client: SoapClient, govc: Govc) => Promise<void>) =>
    itWith(name, here.govc, (govc) => run(here, loggedIn(), govc));
  const loggedIn = (): SoapClient => {
    if (!client) throw new Error('There is no client.');
    return client;
  };

  proof('a fault happens once, to the method that it was meant for', async ({ proxy }, client) => {
    proxy.faults.next('CurrentTime', { kind: 'fault', type: 'NoPermission', message: 'no' });
    await client.call(
      'SessionIsActive',
      'SessionManager:SessionManager',
      '<sessionID>x</sessionID><userName>y</userName>',
    );
    const refused = await client.call(...time);
    expect([refused.status, faultType(refused), texts(refused, 'faultstring')]).toEqual([500, 'NoPermission', ['no']]);
    expect((await client.call(...time)).status).toBe(200);
    expect(proxy.requests.at(-2)).toMatchObject({ method: 'CurrentTime', status: 500, fault: 'NoPermission' });
    expect(proxy.faults.pending).toBe(0);
  });

  proofWithGovc('a session ends at the call that was named, for good', async ({ proxy }, client, govc) => {
    proxy.faults.atCall(2, { kind: 'not-authenticated' });
    const open = proxy.openSessions;
    expect((await client.call(...time)).status).toBe(200);
    expect(faultType(await client.call(...time))).toBe('NotAuthenticated');
    expect(faultType(await client.call(...time))).toBe('NotAuthenticated');
    expect(proxy.openSessions).toBe(open - 1);
    proxy.faults.every('CreateContainerView', { kind: 'not-authenticated' });
    await expect(govc('find', '/', '-type', 'm')).rejects.toThrow('not authenticated');
  });

  proof('a page of HTML says 503, and connections break before and after the work', async ({ proxy }, client) => {
    proxy.faults.next('*', { kind: 'http', status: 503 });
    expect(await client.call(...time)).toMatchObject({ status: 503, text: expect.stringContaining('<html>') });
    for (const when of ['before', 'after'] as const) {
      proxy.faults.next('CreateFolder', { kind: 'reset', when });
      const parent = 'Folder:group-d1';
      await expect(client.call('CreateFolder', parent, `<name>${when}</name>`)).rejects.toThrow('ECONNRESET');
      const again = await client.call('CreateFolder', parent, `<name>${when}</name>`);
      expect(faultType(again)).toBe(when === 'before' ? undefined : 'DuplicateName');
    }
  });

  proofWithGovc('answers are cut, compressed, in pieces, late, or never come', async ({ proxy }, client, govc) => {
    // All but the time itself, whose fraction is as long as it is.
    const around = ({ text }: { readonly text: string }): string => text.replace(/(<returnval[^>]*>)[^<]*/, '$1');
    const whole = around(await client.call(...time));
    proxy.faults.next('*', { kind: 'truncate' });
    await expect(client.call(...time)).rejects.toThrow('aborted');
    proxy.faults.next('*', { kind: 'gzip' });
    expect(await client.call(...time)).toMatchObject({ status: 200, encoding: 'gzip' });
    proxy.faults.next('*', { kind: 'pieces', bytes: 1 });
    expect(around(await client.call(...time))).toBe(whole);
    const since = Date.now();
    proxy.faults.next('*', { kind: 'delay', ms: 300 });
    await client.call(...time);
    expect(Date.now() - since).toBeGreaterThanOrEqual(295);
    proxy.faults.every('*', { kind: 'pieces', bytes: 7 });
    expect((await govc('find', '/', '-type', 'm')).trim().split('\n')).toHaveLength(4);
    proxy.faults.clear();
    proxy.faults.next('*', { kind: 'silence' });
    const silent = client.call(...time);
    const first = await Promise.race([silent, new Promise((resolve) => setTimeout(resolve, 300, 'nothing'))]);
    expect(first).toBe('nothing');
    proxy.dropConnections();
    await expect(silent).rejects.toThrow();
  });

  proofWithGovc('a listing comes in pages, whose token belongs to the session', async (simulated, client, govc) => {
    simulated.proxy.settings.pageSize = 2;
    const other = await soapClient(simulated);
    const first = await listMachines(client);
    const [token] = texts(first, 'token');
    expect([texts(first, 'val').length, token]).toEqual([2, expect.stringMatching(/^\d+$/)]);
    const go = (by: SoapClient) =>
      by.call('ContinueRetrievePropertiesEx', 'PropertyCollector:propertyCollector', `<token>${token ?? ''}</token>`);
    expect(faultType(await go(other))).toBe('InvalidArgument');
    const second = await go(client);
    expect([texts(second, 'val').length, texts(second, 'token')]).toEqual([2, []]);
    expect(new Set([...texts(first, 'val'), ...texts(second, 'val')]).size).toBe(4);
    expect(faultType(await go(client))).toBe('InvalidArgument');
    expect(texts(await listMachines(client, '<maxObjects>1</maxObjects>'), 'val')).toHaveLength(1);
    // The session ends between two pages.
    const [later] = texts(await listMachines(client), 'token');
    simulated.proxy.faults.next('*', { kind: 'not-authenticated' });
    await client.call(...time);
    const collector = 'PropertyCollector:propertyCollector';
    const answer = await client.call('ContinueRetrievePropertiesEx', collector, `<token>${later ?? ''}</token>`);
    expect(faultType(answer)).toBe('NotAuthenticated');
    expect((await govc('find', '/', '-type', 'm')).trim().split('\n')).toHaveLength(4);
    simulated.proxy.settings.pageSize = 100;
    other.close();
  });

  proof('objects vanish within a listing, and properties may not be read', async ({ proxy }, client) => {
    const [, id = ''] = /<obj type="VirtualMachine">([^<]+)/.exec((await listMachines(client)).text) ?? [];
    const machine = { type: 'VirtualMachine', value: id };
    proxy.settings.vanished.push(machine);
    const failed = await listMachines(client);
    expect([faultType(failed), texts(failed, 'obj')]).toEqual(['ManagedObjectNotFound', [id]]);
    expect(texts(await listMachines(client), 'val')).toHaveLength(3);
    expect(faultType(await client.call('PowerOffVM_Task', `VirtualMachine:${id}`))).toBe('ManagedObjectNotFound');
    proxy.settings.vanished.splice(0);
    proxy.settings.denied.push({ type: 'VirtualMachine', path: 'name' });
    const denied = await listMachines(client);
    expect([texts(denied, 'val'), texts(denied, 'path')]).toEqual([[], Array<string>(4).fill('name')]);
    proxy.settings.denied.splice(0);
  });

  proof('messages come in another language, faults keep their types', async ({ proxy }, client) => {
    proxy.settings.language = 'de';
    const refused = await client.call('CreateFolder', 'Folder:group-d1', '<name>DC0</name>');
    expect(faultType(refused)).toBe('DuplicateName');
    expect(texts(refused, 'faultstring')).toEqual(['Der Vorgang ist fehlgeschlagen.']);
    proxy.settings.language = undefined;
  });

  proofWithGovc('files need a session or a ticket', async ({ peer }, client, govc) => {
    const path = '/folder/DC0_H0_VM0/DC0_H0_VM0.vmx?dcPath=DC0&dsName=LocalDS_0';
    expect((await client.get(path)).status).toBe(401);
    expect((await client.get(path, { cookie: 'vmware_soap_session=wrong' })).status).toBe(401);
    expect((await client.get(path, { cookie: client.cookie })).status).toBe(200);
    const spec = `<spec xsi:type="SessionManagerHttpServiceRequestSpec"><method>httpGet</method><url>${peer.url}</url></spec>`;
    const ticket = await client.call('AcquireGenericServiceTicket', 'SessionManager:SessionManager', spec);
    const cookie = `vmware_cgi_ticket=${texts(ticket, 'id')[0] ?? ''}`;
    expect((await client.get(path, { cookie })).status).toBe(200);
    expect((await client.get(path, { cookie })).status).toBe(401);
    expect(await govc('datastore.ls', '-ds', 'LocalDS_0')).toContain('DC0_H0_VM0');
  });

  proofWithGovc('the certificate changes', async ({ proxy, certificate }, client, govc) => {
    const before = await certificate('renewed');
    proxy.changeCertificate(before);
    expect((await client.call(...time).catch(() => client.call(...time))).status).toBe(200);
    expect(await govc('about')).toContain('vCenter');
  });

  proof('what is no valid request is refused', async ({ proxy }, client) => {
    const folder = ['CreateFolder', 'Folder:group-d1'] as const;
    for (const [parameters, problem] of [
      ['', 'CreateFolder.name is missing.'],
      ['<name>a</name><nam>b</nam>', 'CreateFolder.nam is unknown.'],
      ['<name>a</name><name>b</name>', 'CreateFolder.name stands there 2 times.'],
    ]) {
      const refused = await client.call(...folder, parameters);
      expect([faultType(refused), proxy.refused.at(-1)]).toEqual(['InvalidRequest', problem]);
    }
    const reconfigure = (spec: string) => client.call('ReconfigVM_Task', 'VirtualMachine:x', `<spec>${spec}</spec>`);
    for (const [spec, problem] of [
      ['<numCPUs>1</numCPUs><name>a</name>', 'spec.name is out of order'],
      ['<numCPUs>many</numCPUs>', "spec.numCPUs has the value 'many', which is no int"],
      ['<extraConfig xsi:type="Wrong"/>', 'spec.extraConfig has the unknown type Wrong'],
      ['<extraConfig xsi:type="VirtualDisk"/>', 'spec.extraConfig is a VirtualDisk, which is no OptionValue'],
      ['<extraConfig><key>k</key><value>v</value></extraConfig>', 'may be anything, so it must say its type'],
    ]) {
      expect(faultType(await reconfigure(spec ?? ''))).toBe('InvalidRequest');
      expect(proxy.refused.at(-1)).toContain(problem);
    }
  });
});
