import { appendFileSync } from 'node:fs';
import { PeerUnavailable } from './peer-unavailable.js';

/**
 * Starts a peer that a test file needs. Where it cannot run, the reason is printed and the answer is undefined, for
 * `describeWith`; with `CI=true` the {@link PeerUnavailable} is thrown, because there a skipped proof is a failure,
 * unless it needs a toolchain from outside the distribution.
 * The reason is also appended to the file that `VIRT_SKIPS_FILE` names, for a runner that prints all skips last.
 */
export async function requirePeer<Peer>(start: () => Promise<Peer>): Promise<Peer | undefined> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof PeerUnavailable)) throw error;
    if (process.env.CI === 'true' && !error.outsideApt) throw error;
    process.stderr.write(`skipped: ${error.message}\n`);
    if (process.env.VIRT_SKIPS_FILE) appendFileSync(process.env.VIRT_SKIPS_FILE, `${error.message}\n`);
    return undefined;
  }
}
