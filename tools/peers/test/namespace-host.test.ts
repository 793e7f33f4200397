import { setTimeout as sleep } from 'node:timers/promises';
import { requirePrerequisites } from '../src/prerequisites.js';
import { requirePeer } from '../src/require-peer.js';
import { describeWith } from '../src/jest.js';
import { startNamespaceHost } from '../src/namespace-host.js';

const propagation = await requirePeer(() => requirePrerequisites('namespaces', ['unshare', 'bash']));

describeWith('the first process of a peer', propagation, (propagation) => {
  it('is heard by an owner who comes to ask later than it said something', async () => {
    const host = startNamespaceHost('../test/early-host.sh', [], { propagation });
    try {
      await sleep(1_000);
      expect(await host.nextLine(/^ready$/, AbortSignal.timeout(10_000))).toBe('ready');
      // Said once: what is asked for now would be something new.
      await expect(host.nextLine(/^ready$/, AbortSignal.timeout(100))).rejects.toThrow('timeout');
    } finally {
      await host.stop();
    }
  });
});
