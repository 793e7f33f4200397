import { join } from 'node:path';
import { logTail } from './log-tail.js';
import type { NamespaceHost } from './namespace-host.js';
import { portsOf, type PeerPorts } from './peer-ports.js';
import { requirePrerequisites } from './prerequisites.js';
import { ownSlot } from './slot-owner.js';

/** A peer that is one script of ../host in a slot of its own. */
export interface SlotPeer {
  readonly directory: string;
  readonly ports: PeerPorts;
  readonly host: NamespaceHost;
  /** Ends everything inside and removes the directory. May be called twice. */
  stop(): Promise<void>;
}

export interface SlotPeerRequest {
  /** For people: `iSCSI peer`. */
  readonly what: string;
  readonly programs: readonly string[];
  readonly script: string;
  /** The line that the script prints when the peer serves, or what resolves then. */
  readonly serves: RegExp | ((host: NamespaceHost, directory: string, deadline: AbortSignal) => Promise<void>);
  /** What the peer's programs print, in its directory; its end is told when the peer does not start. */
  readonly log: string;
  readonly deadlineMs?: number;
  /** Fills the directory; the answer is what the script gets. */
  prepare(
    directory: string,
    ports: PeerPorts,
  ): Promise<{ readonly args: readonly string[]; readonly env?: NodeJS.ProcessEnv }>;
}

/** Starts a peer in a slot. Throws {@link PeerUnavailable} when this machine cannot run it. */
export async function startSlotPeer(request: SlotPeerRequest): Promise<SlotPeer> {
  const propagation = await requirePrerequisites(request.what, ['unshare', 'bash', ...request.programs]);
  const { number, directory, run, stop } = await ownSlot();
  try {
    const ports = portsOf(number);
    const { args, env } = await request.prepare(directory, ports);
    const host = await run(request.script, args, { propagation, ...(env ? { env } : {}) });
    const deadline = AbortSignal.timeout(request.deadlineMs ?? 30_000);
    if (typeof request.serves === 'function') await request.serves(host, directory, deadline);
    else await host.nextLine(request.serves, deadline);
    return { directory, ports, host, stop };
  } catch (error) {
    const log = await logTail([join(directory, request.log)]);
    await stop();
    throw log === '' ? error : new Error(`The ${request.what} did not start: ${log}`, { cause: error });
  }
}
