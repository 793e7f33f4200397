import { createHash } from 'node:crypto';
import { imageFile } from '@virt-drivers/compute';
import { deadlineIn, retryWhile } from '@virt-drivers/core/kit';

/** What an instance with the guest image is asked to be started from. */
export const imageOf = ({ qcow2, sha256 }) => ({
  input: imageFile(qcow2),
  declaration: { format: 'qcow2', checksum: { algorithm: 'sha256', hex: sha256.qcow2 } },
});

const MIB = 1_048_576;
/** Digest of what `fill` writes. */
export const filled = (mebibytes) =>
  createHash('sha256')
    .update('ephemeral\n'.repeat((mebibytes * MIB) / 10 + 1).slice(0, mebibytes * MIB))
    .digest('hex');
export const FILLED = filled(16);

const absent = ({ code }) => code === 'GUEST.UNAVAILABLE';

/**
 * Asks the guest of an instance what it sees, through its agent.
 * @param place where the instance is now: `() => ({ driver, compute })`
 * @param options `seconds` that it may take to boot, and for a script, on a busy machine; how much `fill` writes
 */
export function guestOf(instanceId, place, { seconds = 200, mebibytes = 16 } = {}) {
  const length = mebibytes * MIB;
  const machineId = async () => (await place().compute.show(instanceId)).machine.id;
  /** Runs a script in the guest, where `disk PART` is the name of the instance's disk; what it printed. */
  async function sh(script) {
    const disk =
      'disk() { for d in /sys/block/*; do case "$(cat $d/serial 2>/dev/null)" in $1-*) basename $d;; esac; done; }';
    const id = await machineId();
    const command = { path: '/bin/sh', args: ['-c', `${disk}\n${script}`] };
    const run = (call) => place().driver.guest.exec(id, command, call);
    // Scripts here may run twice, as where an agent was too slow to say that it had begun.
    const { exitCode, stdout, stderr } = await retryWhile({ deadline: deadlineIn({ seconds }) }, run, { when: absent });
    if (exitCode !== 0) throw new Error(`${script}: ${Buffer.from(stderr)}`);
    return Buffer.from(stdout).toString().trim();
  }
  /** Resolves when the guest answers. */
  async function up() {
    const id = await machineId();
    const { driver } = place();
    try {
      await retryWhile({ deadline: deadlineIn({ seconds }) }, (call) => driver.guest.ping(id, call), { when: absent });
    } catch (error) {
      let text = '';
      for await (const piece of driver.consoles.log(id)) text += Buffer.from(piece).toString('latin1');
      throw new Error(`The guest did not come up: ${text.slice(-2000)}`, { cause: error });
    }
  }
  return {
    machineId,
    sh,
    up,
    /** Size of a disk in bytes. */
    size: async (part) => Number(await sh(`cat /sys/block/$(disk ${part})/size`)) * 512,
    /** Digest of the first MiB of a disk, as many as `fill` writes, past what the guest has cached of it. */
    sum: (part) =>
      sh(`echo 3 > /proc/sys/vm/drop_caches; head -c ${length} /dev/$(disk ${part}) | sha256sum | cut -d' ' -f1`),
    /** Fills the first MiB of a disk with what `filled` is the digest of. */
    fill: (part) => sh(`yes ephemeral | head -c ${length} > /dev/$(disk ${part}); sync`),
    /** Names this run of the guest: another one after every boot. */
    bootId: () => sh('cat /proc/sys/kernel/random/boot_id'),
  };
}

/** Names of an instance's volumes on an endpoint, with `I` for its id. What the host keeps of images is meant to stay. */
export async function volumesOf(driver, instanceId) {
  const names = [];
  for await (const pool of driver.volumes.pools())
    names.push(...(await driver.volumes.list(pool.id).all()).map(({ name }) => name));
  return names
    .filter((name) => name.startsWith(instanceId))
    .map((name) => name.replace(instanceId, 'I'))
    .sort();
}
