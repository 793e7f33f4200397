import { afterAll, describe, test } from '@jest/globals';
import { describeConformance } from '@virt-drivers/conformance/jest';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { driver } from '../src/index.js';

const peer = await requirePeer(() => startLibvirt({ name: 'conformance-test' }));

afterAll(() => peer?.stop());

if (peer) describeConformance({ driver, target: peer.testUri, tier: 'memory', report: 'temp/conformance-test.json' });
// `requirePeer` has printed why there is none; with CI=true it threw instead.
else describe.skip('conformance on test:///default', () => test('needs a libvirt peer', () => undefined));
