import { randomBytes } from 'node:crypto';
import { open, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './run-command.js';
import { startSlotPeer } from './slot-peer.js';

/** An address that a peer listens on. */
export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

/** An iSCSI target (tgtd) of our own, with two portals on 127.0.0.1 and an account without which nobody gets in. */
export interface IscsiPeer extends AsyncDisposable {
  readonly target: string;
  readonly portals: readonly [PeerAddress, PeerAddress];
  readonly account: { readonly user: string; readonly password: string };
  /** Makes a logical unit, all zeros, and resolves with its number. */
  addUnit(sizeBytes: number): Promise<number>;
  /** Makes it larger, and tells the target. Initiators learn it when they ask. */
  growUnit(lun: number, sizeBytes: number): Promise<void>;
  /** The unit's bytes. */
  file(lun: number): string;
  /** Nobody gets in there any more; who is in stays. */
  closePortal(portal: PeerAddress): Promise<void>;
  openPortal(portal: PeerAddress): Promise<void>;
  /** Names of the initiators that are connected. */
  initiators(): Promise<readonly string[]>;
  /** Ends the target and removes it. May be called twice. */
  stop(): Promise<void>;
}

const target = 'iqn.2026-01.invalid.example:peer';

/**
 * Starts a target; less than a second.
 * @throws PeerUnavailable when this machine cannot run it.
 */
export async function startIscsi(): Promise<IscsiPeer> {
  const account = { user: 'machines', password: randomBytes(8).toString('hex') };
  const peer = await startSlotPeer({
    what: 'iSCSI peer',
    programs: ['tgtd', 'tgtadm'],
    script: 'iscsi-host.sh',
    serves: /^ready$/,
    log: 'tgtd.out',
    prepare: async (directory, { tcp }) => ({
      args: [directory, `127.0.0.1:${tcp}`],
      env: { TGT_IPC_SOCKET: join(directory, 'control') },
    }),
  });
  const { directory, ports, stop } = peer;
  const env = { ...process.env, TGT_IPC_SOCKET: join(directory, 'control') };
  const order = async (mode: string, op: string, ...rest: readonly string[]) =>
    (await runCommand('tgtadm', ['--lld', 'iscsi', '--mode', mode, '--op', op, ...rest], { env })).stdout;
  const portal = (port: number): PeerAddress => ({ host: '127.0.0.1', port });
  const onPortal =
    (op: string) =>
    async ({ host, port }: PeerAddress) =>
      void (await order('portal', op, '--param', `portal=${host}:${port}`));
  const file = (lun: number) => join(directory, `unit-${lun}`);
  const unit = (op: string, lun: number, ...rest: readonly string[]) =>
    order('logicalunit', op, '--tid', '1', '--lun', String(lun), ...rest);
  const portals = [portal(ports.tcp), portal(ports.tls)] as const;
  let units = 0;
  try {
    await onPortal('new')(portals[1]);
    await order('target', 'new', '--tid', '1', '--targetname', target);
    await order('target', 'bind', '--tid', '1', '--initiator-address', 'ALL');
    await order('account', 'new', '--user', account.user, '--password', account.password);
    await order('account', 'bind', '--tid', '1', '--user', account.user);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    target,
    portals,
    account,
    async addUnit(sizeBytes) {
      const lun = (units += 1);
      const handle = await open(file(lun), 'wx', 0o600);
      await handle.truncate(sizeBytes).finally(() => handle.close());
      await unit('new', lun, '--backing-store', file(lun));
      return lun;
    },
    async growUnit(lun, sizeBytes) {
      await truncate(file(lun), sizeBytes);
      // tgtd looks at a file's size only when it opens it; sessions outlive that.
      await unit('delete', lun);
      await unit('new', lun, '--backing-store', file(lun));
    },
    file,
    closePortal: onPortal('delete'),
    openPortal: onPortal('new'),
    async initiators() {
      const shown = await order('target', 'show');
      return [...shown.matchAll(/Initiator: (\S+)/g)].map(([, name = '']) => name);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
