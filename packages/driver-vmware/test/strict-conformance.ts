import { afterAll, expect, test } from '@jest/globals';
import { Secret } from '@virt-drivers/core';
import { describeConformance } from '@virt-drivers/conformance/jest';
import { requirePeer, startVcsim, type VcsimVariant } from '@virt-drivers/peers';
import { describeWith } from '@virt-drivers/peers/jest';
import { nfsExport, startVcsimProxy } from '@virt-drivers/vcsim-proxy';
import { readFileSync } from 'node:fs';
import { driver } from '../src/index.js';
import { targetOf } from './vcsim-target.js';

/** The account of the guests that the proxy makes up. */
const INSIDE = { username: 'root', password: 'inside' };

interface StrictRun {
  readonly title: string;
  /** Which simulator; the best that this machine can build when left out. */
  readonly variant?: VcsimVariant;
  /** One ESXi host, without a vCenter. */
  readonly esx?: boolean;
  readonly report: string;
}

/** The suite through the proxy that refuses what a real server refuses and stands in for what the simulator lacks. */
export async function describeStrictConformance({ title, variant, esx = false, report }: StrictRun): Promise<void> {
  const strict = await requirePeer(async () => {
    const peer = await startVcsim({
      ...(variant && { variant }),
      ...(esx ? { esx } : { portgroups: 1 }),
      tls: false,
      poweredOn: false,
    });
    const nfs = await nfsExport(['one', 'two']);
    // Small pages: every listing has several. Tasks that take a while have tests of their own.
    const settings = { pageSize: 7, guests: INSIDE, exports: [nfs] };
    return { peer, nfs, proxy: await startVcsimProxy({ upstream: peer.url, settings }) };
  });

  afterAll(async () => {
    await strict?.proxy.close();
    await strict?.peer.stop();
    await strict?.nfs.remove();
  });

  describeWith(title, strict, ({ peer, proxy }) => {
    const { target, options } = targetOf({ ...peer, url: proxy.url });
    const guest = { username: INSIDE.username, password: new Secret(INSIDE.password) };
    describeConformance({
      driver,
      target,
      options: { ...options, guest },
      tier: 'peer',
      // What only a stand-in of the proxy answered is simulated.
      simulator: {
        name: `strict vcsim of ${peer.version}${esx ? ', one host' : ''}`,
        takeStandIns: () => proxy.takeShimmed(),
      },
      knownGaps: gapsIn('known-gaps.json'),
      report,
    });
    test('no request was one that a real server refuses, and no session is left', () => {
      expect(proxy.refused).toEqual([]);
      expect([...proxy.unchecked]).toEqual([]);
      expect(proxy.openSessions).toBeLessThanOrEqual(1);
    });
  });
}

function gapsIn(file: string): readonly unknown[] {
  const gaps: unknown[] = JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'));
  return gaps;
}
