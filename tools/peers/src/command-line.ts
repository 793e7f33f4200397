import { parseArgs } from 'node:util';
import { startLibvirt } from './start-libvirt.js';
import { startVcsim } from './start-vcsim.js';

/** A peer as the commands know it. */
export interface StartedPeer {
  /** What a program needs to find it. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** The peers that the command can start, by name. */
export const peersByName: Readonly<Record<string, (signal: AbortSignal) => Promise<StartedPeer>>> = {
  async libvirt(signal) {
    const { uri, testUri, directory, stop } = await startLibvirt({ signal });
    return { environment: { VIRT_TARGET: uri, VIRT_TARGET_TEST: testUri, VIRT_PEER_DIRECTORY: directory }, stop };
  },
  async vcsim(signal) {
    const { url, username, password, authority, directory, stop } = await startVcsim({ signal });
    const trusted = authority ? { NODE_EXTRA_CA_CERTS: authority.certificate } : {};
    const govc = {
      GOVC_URL: url,
      GOVC_USERNAME: username,
      GOVC_PASSWORD: password,
      ...(authority ? { GOVC_TLS_CA_CERTS: authority.certificate } : {}),
    };
    return { environment: { ...govc, ...trusted, VIRT_PEER_DIRECTORY: directory }, stop };
  },
};

/** What can be built ahead, for later. */
export type Buildable = 'vcsim' | 'lab';

/** What the command was asked for; undefined when that makes no sense. */
export type Request =
  | { readonly does: 'help' }
  | { readonly does: 'build'; readonly what: Buildable }
  | { readonly does: 'keep'; readonly peer: string }
  | { readonly does: 'run'; readonly peer: string; readonly command: readonly string[] };

export function parseRequest(args: readonly string[]): Request | undefined {
  const separator = args.indexOf('--');
  const command = separator < 0 ? [] : args.slice(separator + 1);
  const { values, positionals } = parseArgs({
    args: separator < 0 ? [...args] : args.slice(0, separator),
    options: { keep: { type: 'boolean' }, build: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  if (values.help) return { does: 'help' };
  const [peer = '', ...more] = positionals;
  const asked = [values.keep, values.build, command.length > 0].filter(Boolean);
  if (more.length > 0 || asked.length !== 1) return undefined;
  if (values.build) return peer === 'vcsim' || peer === 'lab' ? { does: 'build', what: peer } : undefined;
  if (!Object.hasOwn(peersByName, peer)) return undefined;
  return values.keep ? { does: 'keep', peer } : { does: 'run', peer, command };
}
