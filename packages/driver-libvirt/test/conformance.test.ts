import { afterAll } from '@jest/globals';
import { describeConformance } from '@virt-drivers/conformance/jest';
import { guestImage } from '@virt-drivers/guest-image';
import { requirePeer, startLibvirt, startNbd } from '@virt-drivers/peers';
import { readFileSync } from 'node:fs';
import { driver } from '../src/index.js';
import { describeWith } from '@virt-drivers/peers/jest';

const knownGaps: unknown = JSON.parse(readFileSync(new URL('known-gaps.json', import.meta.url), 'utf8'));
const real = await requirePeer(async () => {
  const storage = await startNbd();
  for (const name of ['one', 'two']) await storage.addExport(name, 1 << 20);
  return {
    guest: (await guestImage()).qcow2,
    storage,
    peer: await startLibvirt({ name: 'conformance' }),
    other: await startLibvirt({ name: 'destination' }),
  };
});

afterAll(() => Promise.all([real?.peer.stop(), real?.other.stop(), real?.storage.stop()]));

describeWith('conformance on real QEMU machines', real, (real) => {
  const exported = (exportName: string) => ({ protocol: 'nbd', server: real.storage.server, exportName }) as const;
  describeConformance({
    driver,
    target: real.peer.uri,
    // Machines move to the other one; both share this machine's network, in which their host names mean nothing.
    destination: real.other.uri,
    // A machine has both screens, so that both are proven.
    options: { migrationAddress: '127.0.0.1', graphics: 'both' },
    remotes: [exported('one'), exported('two')],
    tier: 'peer',
    guest: real.guest,
    knownGaps,
    report: 'temp/conformance-qemu.json',
  });
});
