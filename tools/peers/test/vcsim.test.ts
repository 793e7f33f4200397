import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import {
  PeerUnavailable,
  requirePeer,
  startVcsim,
  vcsimBuild,
  type VcsimPeer,
  type VcsimVariant,
} from '../src/index.js';
import { describeWith } from '../src/jest.js';

jest.setTimeout(300_000);

const login = (username: string, password: string) =>
  `<?xml version="1.0"?><Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><Login xmlns="urn:vim25">
<_this type="SessionManager">SessionManager</_this><userName>${username}</userName><password>${password}</password>
</Login></Body></Envelope>`;

/** Answers the status and the session's cookie. */
async function logIn(peer: VcsimPeer, password = peer.password) {
  const answer = await fetch(peer.url, { method: 'POST', body: login(peer.username, password) });
  await answer.text();
  return { status: answer.status, cookie: answer.headers.getSetCookie()[0]?.split(';')[0] ?? '' };
}

async function twoPeers(variant: VcsimVariant) {
  // Several tests ask with govc.
  await vcsimBuild('current');
  const plain = await startVcsim({ variant, tls: false, sessionIdleMs: 1000, machines: 1 });
  try {
    return { plain, secure: await startVcsim({ variant, datacenters: 2, machines: 0 }) };
  } catch (error) {
    await plain.stop();
    throw error;
  }
}

for (const variant of ['current', 'debian'] as const) {
  const peers = await requirePeer(() => twoPeers(variant));
  afterAll(async () => {
    await peers?.plain.stop();
    await peers?.secure.stop();
  });
  describeWith(`the ${variant} vcsim`, peers, ({ plain, secure }) => declare(variant, plain, secure));
}

function declare(variant: VcsimVariant, plain: VcsimPeer, secure: VcsimPeer): void {
  it('says who serves', async () => {
    expect(plain.version).toMatch(variant === 'current' ? /^govmomi 0\.54\.0$/ : /^govmomi 0\.\d+.* \(Debian\)$/);
    expect(await (await fetch(new URL('/about', plain.url))).text()).toContain('PowerOnVM_Task');
  });

  it('lets in who has the password, until the session was idle for too long', async () => {
    expect((await logIn(plain, 'wrong')).status).toBe(500);
    const { status, cookie } = await logIn(plain);
    expect(status).toBe(200);
    const isAlive = async () => {
      const body = login('', '').replace(/<Login.*<\/Login>/s, currentTime);
      return (await fetch(plain.url, { method: 'POST', body, headers: { cookie } })).status;
    };
    expect(await isAlive()).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(await isAlive()).toBe(500);
  });

  it('has the inventory that was asked for, behind a certificate of its authority', async () => {
    const paths = (await secure.govc(['find', '/', '-type', 'd'])).trim().split('\n');
    expect(paths).toEqual(['/DC0', '/DC1']);
    expect(await secure.govc(['find', '/', '-type', 'm'])).toBe('');
    const url = new URL('/about', secure.url);
    await expect(statusOf(url)).rejects.toThrow('certificate');
    expect(await statusOf(url, await readFile(secure.authority?.certificate ?? ''))).toBe(200);
  });

  it('forgets sessions and nothing else when it restarts', async () => {
    const [file] = [join(plain.directory, 'upload.txt')];
    await writeFile(file, 'content');
    await plain.govc(['datastore.upload', '-ds', 'LocalDS_0', file, 'kept/upload.txt']);
    await plain.govc(['vm.change', '-vm', 'DC0_H0_VM0', '-e', 'guestinfo.note=kept', '-annotation', 'a <b> & c']);
    await plain.govc(['snapshot.create', '-vm', 'DC0_H0_VM0', 'first']);
    const list = async () =>
      (await plain.govc(['object.collect', '-json', '-type', 'm', '/'])).trim().split('\n').sort();
    const [before, { cookie }, { pid, url }] = [await list(), await logIn(plain), plain];
    await plain.restart();
    expect({ url: plain.url, same: plain.pid === pid }).toEqual({ url, same: false });
    expect(await list()).toEqual(before);
    expect(before.join()).toContain('guestinfo.note');
    const body = login('', '').replace(/<Login.*<\/Login>/s, currentTime);
    expect((await fetch(url, { method: 'POST', body, headers: { cookie } })).status).toBe(500);
    expect(await plain.govc(['datastore.download', '-ds', 'LocalDS_0', 'kept/upload.txt', '-'])).toBe('content');
    await plain.govc(['snapshot.revert', '-vm', 'DC0_H0_VM0', 'first']);
    await plain.govc(['vm.power', '-off', '-force', 'DC0_H0_VM0']);
    expect(await plain.govc(['snapshot.tree', '-vm', 'DC0_H0_VM0'])).toContain('first');
  });

  it('leaves nothing behind, killed or not', async () => {
    const other = await startVcsim({ variant, tls: false });
    expect((await readdir(other.directory)).join()).toContain('govcsim');
    await other.kill9();
    expect(existsSync(other.directory)).toBe(true);
    await other.stop();
    await other.stop();
    expect(existsSync(other.directory)).toBe(false);
  });
}

const currentTime = `<CurrentTime xmlns="urn:vim25"><_this type="ServiceInstance">ServiceInstance</_this></CurrentTime>`;

function statusOf(url: URL, ca?: Buffer): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { ca, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    }).on('error', reject);
  });
}

describe('a vcsim that cannot be had', () => {
  const { PATH, VIRT_DRIVERS_CACHE, CI } = process.env;
  afterEach(() => {
    Object.assign(process.env, { PATH });
    for (const [key, value] of Object.entries({ VIRT_DRIVERS_CACHE, CI })) {
      if (value === undefined) delete process.env[key];
      else process.env[key] = value;
    }
  });

  it('is told by name, and is no failure in CI where only a recent Go is missing', async () => {
    const cache = await mkdtemp(join(tmpdir(), 'virt-cache-'));
    process.env.VIRT_DRIVERS_CACHE = cache;
    process.env.PATH = '/nonexistent';
    process.env.CI = 'true';
    const start = () => startVcsim({ variant: 'current' });
    await expect(start()).rejects.toThrow(PeerUnavailable);
    await expect(start()).rejects.toThrow(/^The vcsim peer \(current\) is unavailable: there is no go in PATH/);
    expect(await requirePeer(start)).toBeUndefined();
    await rm(cache, { recursive: true });
  });
});
