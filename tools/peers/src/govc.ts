import { runCommand } from './run-command.js';
import { vcsimBuild } from './vcsim-build.js';
import type { GovcOptions } from './vcsim-peer.js';

export interface GovcAccount extends GovcOptions {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** A directory of the caller's, where govc would keep its files. */
  readonly home: string;
}

/** Runs govc without a configuration of this machine's user, and without a session that outlives it. */
export async function runGovc(args: readonly string[], account: GovcAccount): Promise<string> {
  const { govc } = await vcsimBuild('current');
  if (govc === undefined) throw new Error('The current vcsim is built together with govc.');
  const { stdout } = await runCommand(govc, args, {
    env: {
      PATH: process.env.PATH,
      HOME: account.home,
      GOVC_URL: account.url,
      GOVC_USERNAME: account.username,
      GOVC_PASSWORD: account.password,
      GOVC_PERSIST_SESSION: 'false',
      ...(account.authority ? { GOVC_TLS_CA_CERTS: account.authority } : {}),
    },
    ...(account.input === undefined ? {} : { input: account.input }),
  });
  return stdout;
}
