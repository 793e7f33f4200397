import { guestImage } from '@virt-drivers/guest-image';
import { startLibvirt } from '@virt-drivers/peers';
import { median } from './budgets.mjs';
import { hasNova, measureNova } from './nova.mjs';
import { here, measured } from './programs.mjs';
import { measureVirsh } from './virsh.mjs';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const COUNT = Number(process.env.BENCH_COUNT ?? 3);
const PARALLEL = Number(process.env.BENCH_PARALLEL ?? 50);
const MIB = 1 << 20;
const COMPUTE = here('../../compute/dist/index.js');

/** Spawn and destroy of an instance: the overhead over virsh's bare create and destroy, beside Nova's. */
export async function compareLifecycle(scratch, { atMost, atLeast }) {
  const { qcow2 } = await guestImage();
  const nova = await hasNova();
  if (!nova) console.log("not measured: Nova's driver, Debian's python3-nova");
  const own = (peer, parallel) => [
    here('peers/own.mjs'),
    COMPUTE,
    peer.uri,
    qcow2,
    `${scratch}/cache`,
    COUNT,
    parallel,
  ];
  const clients = {
    virsh: (peer) => measureVirsh(peer, qcow2, COUNT),
    own: (peer, parallel) => measured(process.execPath, own(peer, parallel)),
    ...(nova && { nova: (peer, parallel) => measureNova(peer, qcow2, COUNT, parallel) }),
  };
  const rounds = {};
  // In turn, so that what else the machine does hits all of them.
  for (let round = 1; round <= ROUNDS; round++)
    for (const [name, run] of Object.entries(clients))
      (rounds[name] ??= []).push(await onOwnPeer((peer) => run(peer, round === ROUNDS ? PARALLEL : 1)));
  const summary = Object.fromEntries(Object.entries(rounds).map(([name, all]) => [name, summarize(name, all)]));
  report(summary, { atMost, atLeast });
}

/** The median of each figure; what is done at once is done in the last round only. */
function summarize(name, rounds) {
  const last = rounds.at(-1);
  const of = (key) => median(rounds.map((round) => round[key]));
  const [spawn, destroy] = ['spawns', 'destroys'].map((key) => median(rounds.flatMap((round) => round[key])));
  const more = last.atOnce
    ? `; ${PARALLEL} at once ${(PARALLEL / last.atOnce).toFixed(2)} /s; first answer ${of('answered').toFixed(2)} s; ${(last.rss / MIB).toFixed(0)} MiB`
    : '';
  console.log(`${name.padEnd(6)} spawn ${spawn.toFixed(3)} s, destroy ${destroy.toFixed(3)} s${more}`);
  return { spawn, destroy, atOnce: last.atOnce, answered: of('answered'), rssAtStart: of('rssAtStart') };
}

/** Seconds that Nova took longer than virsh to destroy a machine, its volumes and its record, where nothing else ran. */
const NOVAS = 0.39;

function report({ virsh, own, nova }, { atMost, atLeast }) {
  // Where the peer's own overhead drowns in what else the machine does, there is nothing to compare with.
  const share = (key) => {
    const peers = nova && nova[key] - virsh[key];
    return peers > 0 ? (own[key] - virsh[key]) / peers : undefined;
  };
  atMost('spawn: overhead over virsh create, of that of Nova', share('spawn'), 0.4);
  const destroy = share('destroy');
  atMost('destroy: overhead over virsh destroy, of that of Nova', destroy, 0.25);
  if (destroy === undefined)
    atMost(
      'destroy: overhead over virsh destroy, of that of Nova on a quiet machine',
      (own.destroy - virsh.destroy) / NOVAS,
      0.25,
    );
  atLeast(`${PARALLEL} spawns at once: rate, of that of Nova`, nova && nova.atOnce / own.atOnce, 1.5);
  atMost('manager: from its start to the first answer', own.answered, 0.3, 's');
  atMost('manager: resident memory then', own.rssAtStart / MIB, 100, 'MiB');
}

/** Each in a daemon of its own, so that none inherits what another one left. */
async function onOwnPeer(run) {
  const peer = await startLibvirt();
  try {
    // Each asks programs of QEMU what they can do, which a daemon does once in its life.
    await peer.virsh(['domcapabilities']);
    await peer.virsh(['capabilities']);
    return await run(peer);
  } finally {
    await peer.stop();
  }
}
