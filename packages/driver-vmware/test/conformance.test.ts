import { afterAll } from '@jest/globals';
import { describeConformance } from '@virt-drivers/conformance/jest';
import { requirePeer, startVcsim } from '@virt-drivers/peers';
import { readFileSync } from 'node:fs';
import { driver } from '../src/index.js';
import { targetOf } from './vcsim-target.js';
import { describeWith } from '@virt-drivers/peers/jest';

const gapsIn = (file: string): readonly unknown[] => {
  const gaps: unknown[] = JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'));
  return gaps;
};
// What the simulator alone lacks is shown by the strict run, against stand-ins.
const knownGaps = [...gapsIn('known-gaps.json'), ...gapsIn('known-gaps-bare.json')];
const peer = await requirePeer(() => startVcsim({ portgroups: 1, poweredOn: false }));

afterAll(() => peer?.stop());

describeWith('conformance on vcsim', peer, (peer) => {
  describeConformance({
    driver,
    ...targetOf(peer),
    tier: 'peer',
    simulator: { name: `vcsim of ${peer.version}` },
    knownGaps,
    report: 'temp/conformance-vcsim.json',
  });
});
