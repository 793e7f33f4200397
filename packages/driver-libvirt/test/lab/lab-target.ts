import type { LabMachine } from '@virt-drivers/peers';
import { randomBytes } from 'node:crypto';

/** An iSCSI target with two portals in a lab machine, and the host side of iSCSI beside it. */
export interface LabTarget {
  readonly name: string;
  readonly portals: readonly [
    { readonly host: string; readonly port: number },
    { readonly host: string; readonly port: number },
  ];
  readonly account: { readonly user: string; readonly password: string };
  /** Makes a logical unit, all zeros. */
  addUnit(lun: number, mebibytes: number): Promise<void>;
  /** Makes it larger, as its owner does. */
  growUnit(lun: number, mebibytes: number): Promise<void>;
  /** Bytes of a unit, from its beginning, in hexadecimal. */
  head(lun: number, length: number): Promise<string>;
  /** The host logs in at both portals, as its administrator has it do. */
  logInByHand(): Promise<void>;
  logOutByHand(): Promise<void>;
  /** Nothing that is sent to the portal arrives any more, as with a cable that was pulled. */
  cut(host: string): Promise<void>;
  restore(host: string): Promise<void>;
  /** Portals at which the host has a session. */
  sessions(): Promise<readonly string[]>;
  /** Names of the host's multipath maps. */
  maps(): Promise<readonly string[]>;
  /** How many paths of the map over a unit are active; 0 without one. */
  mapOf(lun: number): Promise<number>;
}

/** Name under which the lab machine logs in. */
export const INITIATOR = 'iqn.2026-01.invalid.example:lab';

const START = `
  ip addr add 10.99.0.1/32 dev lo; ip addr add 10.99.0.2/32 dev lo
  modprobe -a iscsi_tcp sd_mod dm_multipath dm_service_time
  echo 'InitiatorName=${INITIATOR}' >/etc/iscsi/initiatorname.iscsi
  # What a host with several paths is set up with: a dead path is given up soon.
  sed -i 's/^node.session.timeo.replacement_timeout.*/node.session.timeo.replacement_timeout = 3/
    s/^node.session.initial_login_retry_max.*/node.session.initial_login_retry_max = 1/
    s/^node.conn\\[0\\].timeo.noop_out_interval.*/node.conn[0].timeo.noop_out_interval = 1/
    s/^node.conn\\[0\\].timeo.noop_out_timeout.*/node.conn[0].timeo.noop_out_timeout = 1/' /etc/iscsi/iscsid.conf
  printf 'defaults {\\n polling_interval 1\\n find_multipaths yes\\n user_friendly_names yes\\n}\\n' >/etc/multipath.conf
  mkdir -p /units
  for daemon in iscsid multipathd 'tgtd --iscsi portal=10.99.0.1:3260'; do $daemon </dev/null >/dev/null 2>&1; done
  for n in $(seq 50); do tgtadm --lld iscsi --mode system --op show >/dev/null 2>&1 && break; sleep 0.2; done`;

/** Starts the target, and the host's iscsid and multipathd. */
export async function startLabTarget({ exec }: LabMachine): Promise<LabTarget> {
  const name = 'iqn.2026-01.invalid.example:storage';
  const account = { user: 'machines', password: randomBytes(8).toString('hex') };
  const admin = (...orders: readonly string[]) => exec(orders.map((order) => `tgtadm --lld iscsi ${order}`).join('\n'));
  const unit = (lun: number) => `--mode logicalunit --op new --tid 1 --lun ${lun} --backing-store /units/${lun}`;
  const size = (lun: number, mebibytes: number) => exec(`truncate -s ${mebibytes}M /units/${lun}`);
  const allMaps = async (): Promise<readonly string[]> =>
    (await exec('multipath -ll 2>/dev/null || true'))
      .split(/^(?=\S+ .*dm-\d+ )/m)
      .filter((map) => / dm-\d+ /.test(map));
  await exec(START);
  await admin(
    '--mode portal --op new --param portal=10.99.0.2:3260',
    `--mode target --op new --tid 1 --targetname ${name}`,
    '--mode target --op bind --tid 1 --initiator-address ALL',
    `--mode account --op new --user ${account.user} --password ${account.password}`,
    `--mode account --op bind --tid 1 --user ${account.user}`,
  );
  return {
    name,
    account,
    portals: [
      { host: '10.99.0.1', port: 3260 },
      { host: '10.99.0.2', port: 3260 },
    ],
    async addUnit(lun, mebibytes) {
      await size(lun, mebibytes);
      await admin(unit(lun));
    },
    async growUnit(lun, mebibytes) {
      await size(lun, mebibytes);
      // tgtd looks at a file's size only when it opens it; sessions outlive that.
      await admin(`--mode logicalunit --op delete --tid 1 --lun ${lun}`, unit(lun));
    },
    head: async (lun, length) => (await exec(`head -c ${length} /units/${lun} | od -An -v -tx1 | tr -d ' \\n'`)).trim(),
    async logInByHand() {
      const set = (what: string, value: string) => `-o update -n node.session.auth.${what} -v ${value}`;
      const orders = ['-o new', set('authmethod', 'CHAP'), set('username', account.user)];
      const all = ['10.99.0.1', '10.99.0.2'].flatMap((host) =>
        [...orders, set('password', account.password), '--login'].map(
          (order) => `iscsiadm -m node -T ${name} -p ${host}:3260,1 ${order} >/dev/null`,
        ),
      );
      await exec([...all, 'udevadm settle'].join('\n'));
    },
    logOutByHand: async () => void (await exec(`iscsiadm -m node -T ${name} --logout >/dev/null; udevadm settle`)),
    cut: async (host) => void (await exec(`ip addr del ${host}/32 dev lo`)),
    restore: async (host) => void (await exec(`ip addr add ${host}/32 dev lo`)),
    async sessions() {
      const said = await exec('iscsiadm --mode session 2>/dev/null || true');
      return [...said.matchAll(/\] (\S+):3260,/g)].map(([, host = '']) => host).sort();
    },
    maps: async () => (await allMaps()).map((map) => map.slice(0, map.indexOf(' '))),
    async mapOf(lun) {
      const by = `/dev/disk/by-path/ip-10.99.0.1:3260-iscsi-${name}-lun-${lun}`;
      const disk = (await exec(`basename $(readlink -f ${by})`)).trim();
      const map = (await allMaps()).find((text) => new RegExp(` ${disk} `).test(text)) ?? '';
      return [...map.matchAll(/ active ready +running/g)].length;
    },
  };
}
