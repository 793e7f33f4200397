import { afterAll, describe, test } from '@jest/globals';
import { describeConformance } from '@virt-drivers/conformance/jest';
import { requirePeer, startVcsim } from '@virt-drivers/peers';
import { readFileSync } from 'node:fs';
import { driver } from '../src/index.js';
import { targetOf } from './vcsim-target.js';

const gapsIn = (file: string): readonly unknown[] => {
  const gaps: unknown[] = JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'));
  return gaps;
};
// What the simulator alone lacks is shown by the strict run, against stand-ins.
const knownGaps = [...gapsIn('known-gaps.json'), ...gapsIn('known-gaps-bare.json')];
const peer = await requirePeer(() => startVcsim({ portgroups: 1, poweredOn: false }));

afterAll(() => peer?.stop());

if (peer)
  describeConformance({
    driver,
    ...targetOf(peer),
    tier: 'peer',
    simulator: { name: `vcsim of ${peer.version}` },
    knownGaps,
    report: 'temp/conformance-vcsim.json',
  });
// `requirePeer` has printed why there is none; with CI=true it threw instead.
else describe.skip('conformance on vcsim', () => test('needs a vCenter simulator', () => undefined));
