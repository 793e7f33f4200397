import { expect, test } from '@jest/globals';
import { connect, isFault, isVsphereError } from '../src/index.js';
import { collect, connectOptions, describeOnVcsim, withClient } from './on-vcsim.js';

const IDLE_MS = 1_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

await describeOnVcsim('sessions', { sessionIdleMs: IDLE_MS, machines: 3 }, (peer) => {
  test('an expired session is renewed, once for all calls, and the calls are repeated', async () => {
    await withClient(
      peer,
      async (vsphere) => {
        await pause(2.5 * IDLE_MS);
        const request = { from: vsphere.content.rootFolder, type: 'VirtualMachine', paths: ['name'] } as const;
        const listings = await Promise.all(
          Array.from({ length: 5 }, () => collect(vsphere.properties.retrieve(request))),
        );
        expect(listings.map((machines) => machines.length)).toEqual([6, 6, 6, 6, 6]);
        const [first] = listings[0] ?? [];
        if (!first) throw new Error('There is no machine.');
        await pause(2.5 * IDLE_MS);
        // A call that changes something: the refusal proves that it did nothing, so it may be repeated.
        await vsphere.run(first.ref, 'PowerOffVM_Task', {});
        await vsphere.run(first.ref, 'PowerOnVM_Task', {});
        const manager = vsphere.content.sessionManager;
        if (!manager) throw new Error('There is no session manager.');
        const { sessionList } = await vsphere.properties.get(manager, ['sessionList']);
        expect(sessionList).toHaveLength(1);
      },
      { keepAliveMs: 0 },
    );
  }, 30_000);

  test('a session that is touched does not expire', async () => {
    await withClient(
      peer,
      async (vsphere) => {
        const manager = vsphere.content.sessionManager;
        if (!manager) throw new Error('There is no session manager.');
        const key = async () => (await vsphere.properties.get(manager, ['currentSession'])).currentSession?.key;
        const before = await key();
        await pause(3 * IDLE_MS);
        expect(await key()).toBe(before);
      },
      { keepAliveMs: IDLE_MS / 2 },
    );
  }, 30_000);

  test('a clone ticket opens a session of its own', async () => {
    await withClient(peer, async (vsphere) => {
      const manager = vsphere.content.sessionManager;
      if (!manager) throw new Error('There is no session manager.');
      const cloneTicket = () => vsphere.invoke(manager, 'AcquireCloneTicket', {});
      const clone = await connect(connectOptions(peer, { credentials: { cloneTicket } }));
      const { currentSession } = await clone.properties.get(manager, ['currentSession']);
      expect(currentSession?.userName).toBe(peer.username);
      await clone.close();
    });
  });

  test('a token logs in, a fresh one when the session has expired; one without a subject is a fault', async () => {
    let made = 0;
    const samlToken = async () => assertionOf(`somebody-${++made}`);
    const vsphere = await connect(connectOptions(peer, { credentials: { samlToken }, keepAliveMs: 0 }));
    try {
      const manager = vsphere.content.sessionManager;
      if (!manager) throw new Error('There is no session manager.');
      const user = async () => (await vsphere.properties.get(manager, ['currentSession'])).currentSession?.userName;
      expect([await user(), made]).toEqual(['somebody-1', 1]);
      await pause(2.5 * IDLE_MS);
      expect([await user(), made]).toEqual(['somebody-2', 2]);
    } finally {
      await vsphere.close();
    }
    const nobody = assertionOf('');
    const refused = await connect(connectOptions(peer, { credentials: { samlToken: nobody } })).catch(
      (error: unknown) => error,
    );
    expect(isFault(refused, 'InvalidLogin')).toBe(true);
    expect(String(refused)).not.toContain('Assertion');
  }, 30_000);

  test('a clone ticket is good once: a session that expired is replaced with a fresh one', async () => {
    await withClient(peer, async (vsphere) => {
      const manager = vsphere.content.sessionManager;
      if (!manager) throw new Error('There is no session manager.');
      let asked = 0;
      const cloneTicket = () => (asked++, vsphere.invoke(manager, 'AcquireCloneTicket', {}));
      const clone = await connect(connectOptions(peer, { credentials: { cloneTicket }, keepAliveMs: 0 }));
      await pause(2.5 * IDLE_MS);
      const { currentSession } = await clone.properties.get(manager, ['currentSession']);
      expect([currentSession?.userName, asked]).toEqual([peer.username, 2]);
      await clone.close();
    });
  }, 30_000);

  test('the certificate is verified, or pinned by its SHA-256', async () => {
    if (!peer.authority) throw new Error('The peer has no TLS.');
    const plain = connectOptions(peer);
    const untrusted = await connect({ ...plain, tls: {} }).catch((error: unknown) => error);
    if (!isVsphereError(untrusted)) throw new Error('The certificate was trusted.');
    expect(untrusted.code).toBe('CERTIFICATE_REFUSED');
    expect(untrusted.sent).toBe(false);
    const { thumbprint } = untrusted;
    expect(thumbprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    const pinned = await connect({ ...plain, tls: { thumbprint: thumbprint?.replaceAll(':', '').toLowerCase() } });
    await pinned.close();
    const other = await connect({ ...plain, tls: { thumbprint: '00'.repeat(32) } }).catch((error: unknown) => error);
    expect(isVsphereError(other) && [other.code, other.thumbprint]).toEqual(['CERTIFICATE_REFUSED', thumbprint]);
    const short = await connect({ ...plain, tls: { thumbprint: '00'.repeat(20) } }).catch((error: unknown) => error);
    expect(isVsphereError(short) && short.code).toBe('INVALID_ARGUMENT');
  });
});

/** An assertion about somebody, as far as simulators look at it. */
const assertionOf = (name: string): string =>
  '<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1"><saml2:Subject>' +
  `<saml2:NameID>${name}</saml2:NameID></saml2:Subject></saml2:Assertion>`;
