import { afterAll, describe, test } from '@jest/globals';
import { describeConformance } from '@virt-drivers/conformance/jest';
import { guestImage } from '@virt-drivers/guest-image';
import { requirePeer, startLibvirt } from '@virt-drivers/peers';
import { readFileSync } from 'node:fs';
import { driver } from '../src/index.js';

const knownGaps: unknown = JSON.parse(readFileSync(new URL('known-gaps.json', import.meta.url), 'utf8'));
const real = await requirePeer(async () => ({
  guest: (await guestImage()).qcow2,
  peer: await startLibvirt({ name: 'conformance' }),
}));

afterAll(() => real?.peer.stop());

if (real)
  describeConformance({
    driver,
    target: real.peer.uri,
    tier: 'peer',
    guest: real.guest,
    knownGaps,
    report: 'temp/conformance-qemu.json',
  });
// `requirePeer` has printed why there is none; with CI=true it threw instead.
else describe.skip('conformance on real QEMU machines', () => test('needs a libvirt peer', () => undefined));
