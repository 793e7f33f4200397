import { afterAll } from '@jest/globals';
import { describeConformance } from '@virt-drivers/conformance/jest';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { driver } from '../src/index.js';
import { describeWith } from '@virt-drivers/peers/jest';

const peer = await requirePeer(() => startLibvirt({ name: 'conformance-test' }));

afterAll(() => peer?.stop());

describeWith('conformance on test:///default', peer, (peer) => {
  describeConformance({ driver, target: peer.testUri, tier: 'memory', report: 'temp/conformance-test.json' });
});
