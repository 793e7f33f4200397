import { afterAll, expect, test } from '@jest/globals';
import { Secret } from '@virt-drivers/core';
import { describeWith } from '@virt-drivers/peers/jest';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { driver, type VmwareDriverOptions } from '../src/index.js';
import { ownClient } from './remote-world.js';
import { witnessedCenter } from './simulated-center.js';

const center = await witnessedCenter({ machines: 0 });
const folder = await mkdtemp(join(tmpdir(), 'vmware-credentials-'));
afterAll(async () => {
  await center?.stop();
  await rm(folder, { recursive: true });
});

/** An assertion about somebody, as far as simulators look at it. */
const assertionOf = (name: string): string =>
  '<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1"><saml2:Subject>' +
  `<saml2:NameID>${name}</saml2:NameID></saml2:Subject></saml2:Assertion>`;

describeWith('who logs in', center, (center) => {
  const { proxy } = center;
  const open = (options: VmwareDriverOptions) =>
    driver.open({ target: `vsphere+http://${new URL(proxy.url).host}`, options });

  /** Accounts of the sessions that the server knows of, besides the one that looks. */
  async function accounts(): Promise<readonly string[]> {
    const vsphere = await ownClient(center);
    try {
      const { sessionManager } = vsphere.content;
      const known = sessionManager && (await vsphere.properties.get(sessionManager, ['sessionList']));
      return (known?.sessionList ?? []).map(({ userName }) => userName).filter((name) => /^somebody/.test(name));
    } finally {
      await vsphere.close();
    }
  }

  test('a token instead of account and password, read anew for each login where it is a file', async () => {
    const file = join(folder, 'token');
    await writeFile(file, assertionOf('somebody'), { mode: 0o600 });
    const opened = await open({ tokenFile: file });
    try {
      expect(await accounts()).toEqual(['somebody']);
      await writeFile(file, assertionOf('somebody-later'));
      proxy.faults.next('*', { kind: 'not-authenticated' });
      expect(await opened.machines.list().all()).toEqual([]);
      expect(await accounts()).toContain('somebody-later');
    } finally {
      await opened.close();
    }
    const given = await open({ token: new Secret(assertionOf('somebody-else')) });
    expect(await accounts()).toContain('somebody-else');
    await given.close();
    expect(await accounts()).not.toContain('somebody-else');
  });

  test('one that the server does not take is told, and not shown', async () => {
    const token = `<nothing>${'s3cret'.repeat(3)}</nothing>`;
    const error: unknown = await open({ token: new Secret(token) }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ACCESS.UNAUTHENTICATED' });
    expect(inspect(error, { depth: 9 })).not.toContain('s3crets3cret');
  });

  test('a file that others can read, or that is not there, is refused', async () => {
    const file = join(folder, 'open');
    await writeFile(file, 'x');
    await chmod(file, 0o644);
    await expect(open({ tokenFile: file })).rejects.toMatchObject({ code: 'REQUEST.INVALID' });
    await expect(open({ tokenFile: join(folder, 'none') })).rejects.toMatchObject({ code: 'REQUEST.INVALID' });
    await expect(open({})).rejects.toMatchObject({ code: 'REQUEST.INVALID' });
  });
});
