import { guestImage } from '@virt-drivers/guest-image';
import { startLibvirt } from '@virt-drivers/peers';
import { median } from './budgets.mjs';
import { installNova, measureNova } from './nova.mjs';
import { here, measured } from './programs.mjs';
import { measureVirsh } from './virsh.mjs';

const COUNT = Number(process.env.BENCH_COUNT ?? 5);
const PARALLEL = Number(process.env.BENCH_PARALLEL ?? 50);
const MIB = 1 << 20;
const COMPUTE = here('../../compute/dist/index.js');

/** Spawn and destroy of an instance: the overhead over virsh's bare create and destroy, beside Nova's. */
export async function compareLifecycle(scratch, { atMost, atLeast }) {
  const { qcow2 } = await guestImage();
  const own = await onOwnPeer((peer) =>
    measured(process.execPath, [here('peers/own.mjs'), COMPUTE, peer.uri, qcow2, `${scratch}/cache`, COUNT, PARALLEL]),
  );
  const virsh = await onOwnPeer((peer) => measureVirsh(peer, qcow2, COUNT));
  const reason = await installNova();
  if (reason) console.log(`not measured: Nova's driver: ${reason}`);
  const nova = reason ? undefined : await onOwnPeer((peer) => measureNova(peer, qcow2, COUNT, PARALLEL));
  print('virsh', virsh.create, virsh.destroy);
  for (const [name, one] of Object.entries({ own, ...(nova && { nova }) })) {
    print(name, median(one.spawns), median(one.destroys));
    const rate = (PARALLEL / one.atOnce).toFixed(2);
    const memory = (one.rss / MIB).toFixed(0);
    console.log(
      `${name.padEnd(6)} ${PARALLEL} at once: ${rate} /s; first answer ${one.answered.toFixed(2)} s; ${memory} MiB`,
    );
  }
  const over = ({ spawns, destroys }) => [median(spawns) - virsh.create, median(destroys) - virsh.destroy];
  const [spawn, destroy] = over(own);
  const [novaSpawn, novaDestroy] = nova ? over(nova) : [];
  atMost('spawn: overhead over virsh create, of that of Nova', nova && spawn / novaSpawn, 0.4);
  atMost('destroy: overhead over virsh destroy, of that of Nova', nova && destroy / novaDestroy, 0.25);
  atLeast(`${PARALLEL} spawns at once: rate, of that of Nova`, nova && nova.atOnce / own.atOnce, 1.5);
  atMost('manager: from its start to the first answer', own.answered, 0.3, 's');
  atMost('manager: resident memory then', own.rssAtStart / MIB, 100, 'MiB');
}

const print = (name, spawn, destroy) =>
  console.log(`${name.padEnd(6)} spawn ${spawn.toFixed(3)} s, destroy ${destroy.toFixed(3)} s`);

/** Each in a daemon of its own, so that none inherits what another one left. */
async function onOwnPeer(run) {
  const peer = await startLibvirt();
  try {
    return await run(peer);
  } finally {
    await peer.stop();
  }
}
