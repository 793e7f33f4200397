import { expect, it } from '@jest/globals';
import { existsSync, readdirSync } from 'node:fs';
import { requirePeer, startCeph } from '../src/index.js';
import { describeWith } from '../src/jest.js';

const peer = await requirePeer(startCeph);

describeWith('a Ceph cluster', peer, (peer) => {
  it('keeps images, and is gone with its peer', async () => {
    if (!peer) return;
    await peer.rbd(['create', '--size', '8M', 'volumes/one']);
    expect(JSON.parse(await peer.rbd(['ls', 'volumes', '--format', 'json']))).toEqual(['one']);
    await peer.stop();
    await peer.stop();
    const left = existsSync('/var/lib/virt-peers') ? readdirSync('/var/lib/virt-peers') : [];
    expect(left.filter((name) => existsSync(`/var/lib/virt-peers/${name}/ceph.conf`))).toEqual([]);
  }, 60_000);
});
