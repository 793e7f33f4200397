import { afterAll } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { requirePeer, startVcsim, type VcsimOptions, type VcsimPeer } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { connect, type ConnectOptions, type Vsphere } from '../src/index.js';

/** Declares tests for both vCenter simulators, each of their own. Skipped, with a reason, where one cannot be built. */
export async function describeOnVcsim(
  name: string,
  options: VcsimOptions,
  declare: (peer: VcsimPeer) => void,
): Promise<void> {
  for (const variant of ['current', 'debian'] as const) await describeOn(name, { ...options, variant }, declare);
}

/** The same for one simulator. */
export async function describeOn(
  name: string,
  options: VcsimOptions,
  declare: (peer: VcsimPeer) => void,
): Promise<void> {
  const peer = await requirePeer(() => startVcsim(options));
  afterAll(() => peer?.stop(), 30_000);
  describeWith(`${name} (${peer?.version ?? options.variant})`, peer, declare);
}

/** How a test logs in to a peer. */
export function connectOptions(peer: VcsimPeer, more: Partial<ConnectOptions> = {}): ConnectOptions {
  const { url, username, password, authority } = peer;
  const tls = authority ? { ca: readFileSync(authority.certificate, 'utf8') } : {};
  return { url, credentials: { username, password }, tls, ...more };
}

/** Runs some work with a client of its own, which is closed after it. */
export async function withClient<T>(
  peer: VcsimPeer,
  work: (vsphere: Vsphere) => Promise<T>,
  more: Partial<ConnectOptions> = {},
): Promise<T> {
  const vsphere = await connect(connectOptions(peer, more));
  try {
    return await work(vsphere);
  } finally {
    await vsphere.close();
  }
}

/** Everything that a loop gives. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
