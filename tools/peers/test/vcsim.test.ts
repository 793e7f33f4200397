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

describe.each<VcsimVariant>(['current', 'debian'])('the %s vcsim', (variant) => {
  let plain: VcsimPeer | undefined;
  let secure: VcsimPeer | undefined;

  beforeAll(async () => {
    plain = await requirePeer(() => startVcsim({ variant, tls: false, sessionIdleMs: 1000, machines: 1 }));
    secure = await requirePeer(async () => {
      // Several of these ask with govc.
      await vcsimBuild('current');
      return startVcsim({ variant, datacenters: 2, machines: 0 });
    });
  });
  afterAll(async () => {
    await plain?.stop();
    await secure?.stop();
  });

  const peer = (): VcsimPeer => {
    if (!plain) throw new Error('unavailable');
    return plain;
  };
  // Said by requirePeer, last of all.
  const unlessUnavailable = (name: string, proof: () => Promise<void>) =>
    it(name, async () => {
      if (plain && secure) await proof();
    });

  unlessUnavailable('says who serves', async () => {
    expect(peer().version).toMatch(variant === 'current' ? /^govmomi 0\.54\.0$/ : /^govmomi 0\.\d+.* \(Debian\)$/);
    expect(await (await fetch(new URL('/about', peer().url))).text()).toContain('PowerOnVM_Task');
  });

  unlessUnavailable('lets in who has the password, until the session was idle for too long', async () => {
    expect((await logIn(peer(), 'wrong')).status).toBe(500);
    const { status, cookie } = await logIn(peer());
    expect(status).toBe(200);
    const isAlive = async () => {
      const body = login('', '').replace(/<Login.*<\/Login>/s, currentTime);
      return (await fetch(peer().url, { method: 'POST', body, headers: { cookie } })).status;
    };
    expect(await isAlive()).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(await isAlive()).toBe(500);
  });

  unlessUnavailable('has the inventory that was asked for, behind a certificate of its authority', async () => {
    if (!secure) return;
    const paths = (await secure.govc(['find', '/', '-type', 'd'])).trim().split('\n');
    expect(paths).toEqual(['/DC0', '/DC1']);
    expect(await secure.govc(['find', '/', '-type', 'm'])).toBe('');
    const url = new URL('/about', secure.url);
    await expect(statusOf(url)).rejects.toThrow('certificate');
    expect(await statusOf(url, await readFile(secure.authority?.certificate ?? ''))).toBe(200);
  });

  unlessUnavailable('forgets sessions and nothing else when it restarts', async () => {
    const [file] = [join(peer().directory, 'upload.txt')];
    await writeFile(file, 'content');
    await peer().govc(['datastore.upload', '-ds', 'LocalDS_0', file, 'kept/upload.txt']);
    await peer().govc(['vm.change', '-vm', 'DC0_H0_VM0', '-e', 'guestinfo.note=kept', '-annotation', 'a <b> & c']);
    await peer().govc(['snapshot.create', '-vm', 'DC0_H0_VM0', 'first']);
    const list = async () =>
      (await peer().govc(['object.collect', '-json', '-type', 'm', '/'])).trim().split('\n').sort();
    const [before, { cookie }, { pid, url }] = [await list(), await logIn(peer()), peer()];
    await peer().restart();
    expect({ url: peer().url, same: peer().pid === pid }).toEqual({ url, same: false });
    expect(await list()).toEqual(before);
    expect(before.join()).toContain('guestinfo.note');
    const body = login('', '').replace(/<Login.*<\/Login>/s, currentTime);
    expect((await fetch(url, { method: 'POST', body, headers: { cookie } })).status).toBe(500);
    expect(await peer().govc(['datastore.download', '-ds', 'LocalDS_0', 'kept/upload.txt', '-'])).toBe('content');
    await peer().govc(['snapshot.revert', '-vm', 'DC0_H0_VM0', 'first']);
    await peer().govc(['vm.power', '-off', '-force', 'DC0_H0_VM0']);
    expect(await peer().govc(['snapshot.tree', '-vm', 'DC0_H0_VM0'])).toContain('first');
  });

  unlessUnavailable('leaves nothing behind, killed or not', async () => {
    const other = await startVcsim({ variant, tls: false });
    expect((await readdir(other.directory)).join()).toContain('govcsim');
    await other.kill9();
    expect(existsSync(other.directory)).toBe(true);
    await other.stop();
    await other.stop();
    expect(existsSync(other.directory)).toBe(false);
  });
});

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
