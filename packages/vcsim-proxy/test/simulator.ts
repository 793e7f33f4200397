import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  certificateAuthority,
  requirePeer,
  runCommand,
  startVcsim,
  type VcsimPeer,
  type VcsimVariant,
} from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { startVcsimProxy, type VcsimProxy } from '../src/index.js';

/** Runs govc against the proxy and answers what it prints. */
export type Govc = (...args: string[]) => Promise<string>;

/** A simulator with the proxy in front of it, both with TLS, and clients that are not ours. */
export interface Simulated {
  readonly variant: VcsimVariant;
  readonly peer: VcsimPeer;
  readonly proxy: VcsimProxy;
  /** PEM file of the authority that the proxy's certificate is checked against. */
  readonly authority: string;
  /** Comes with the current simulator only; absent where that cannot be built, which was printed then. */
  readonly govc: Govc | undefined;
  /** Runs a script of pyVmomi's with `si`, a service instance that is logged in, and answers what it prints. */
  python(script: string): Promise<string>;
  /** A certificate for the proxy, of the same authority. */
  certificate(name: string): Promise<{ certificate: string; key: string }>;
  stop(): Promise<void>;
}

const prelude = `
import ssl, sys, os
from pyVim.connect import SmartConnect, Disconnect
from pyVmomi import vim, vmodl, pbm, VmomiSupport
context = ssl.create_default_context(cafile=os.environ['CA'])
si = SmartConnect(host='127.0.0.1', port=int(os.environ['PORT']), user=os.environ['NAME'], pwd=os.environ['SECRET'], sslContext=context)
content = si.RetrieveContent()
def wait(task):
    from pyVim.task import WaitForTask
    return WaitForTask(task, si=si)
def machine(name):
    return content.searchIndex.FindByInventoryPath('/DC0/vm/' + name)
`;

/** Declares tests for both simulators, each with a proxy of its own; skipped, with a reason, where one cannot be built. */
export async function describeSimulated(title: string, declare: (here: Simulated) => void): Promise<void> {
  let hasGovc = true;
  for (const variant of ['current', 'debian'] as const) {
    const here = await requirePeer(() => simulated(variant, hasGovc));
    if (variant === 'current') hasGovc = here !== undefined;
    afterAll(() => here?.stop());
    describeWith(`${title}, on the ${variant} simulator`, here, declare);
  }
}

async function simulated(variant: VcsimVariant, hasGovc: boolean): Promise<Simulated> {
  const peer = await startVcsim({ variant });
  const directory = await mkdtemp(join(tmpdir(), 'vcsim-proxy-'));
  const stop = async (): Promise<void> => {
    await peer.stop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    return await proxied(peer, { variant, hasGovc, directory, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Place {
  readonly variant: VcsimVariant;
  readonly hasGovc: boolean;
  readonly directory: string;
  stop(): Promise<void>;
}

async function proxied(peer: VcsimPeer, { variant, hasGovc, directory, stop }: Place): Promise<Simulated> {
  if (!peer.authority) throw new Error('The simulator was started without TLS.');
  const authority = await certificateAuthority(directory);
  const certificate = async (name: string) => {
    const files = await authority.issue(name, 'serverAuth', ['IP:127.0.0.1']);
    return { certificate: await readFile(files.certificate, 'utf8'), key: await readFile(files.key, 'utf8') };
  };
  const proxy = await startVcsimProxy({
    upstream: peer.url,
    ca: await readFile(peer.authority.certificate, 'utf8'),
    tls: await certificate('proxy'),
  });
  const environment = {
    ...process.env,
    CA: authority.certificate,
    PORT: new URL(proxy.url).port,
    NAME: peer.username,
    SECRET: peer.password,
  };
  return {
    ...{ variant, peer, proxy, certificate, authority: authority.certificate },
    govc: hasGovc ? (...args) => peer.govc(args, { url: proxy.url, authority: authority.certificate }) : undefined,
    async python(script) {
      // Debian's own interpreter, which has Debian's pyVmomi.
      const args = ['-W', 'ignore', '-c', `${prelude}${script}\nDisconnect(si)\n`];
      return (await runCommand('/usr/bin/python3', args, { env: environment })).stdout;
    },
    async stop() {
      await proxy.close();
      await stop();
    },
  };
}
