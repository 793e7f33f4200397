import {
  domainDefineXml,
  domainDestroy,
  domainLookupByName,
  domainUndefine,
  openConnection,
} from '@virt-drivers/libvirt';
import { startLibvirt } from '@virt-drivers/peers';
import { randomUUID } from 'node:crypto';
import { median } from './budgets.mjs';
import { here, measured, PYTHON, works } from './programs.mjs';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const MACHINES = 1000;
/** The first listings find code that is not compiled yet; who manages hosts lists again and again. */
const [WARM, COUNT] = [4, 8];
const SMALL = '--max-semi-space-size=4';
const MIB = 1 << 20;

/** A machine as this driver would make it, with a record, on libvirt's driver without guests. */
const xml = (index) => `<domain type="test">
  <name>vd-${index}</name><title>machine ${index}</title><uuid>${randomUUID()}</uuid>
  <metadata><vdm:machine xmlns:vdm="urn:virt-drivers:machine:1" created="2026-01-01T00:00:00.000Z"/>
    <vdr:record xmlns:vdr="urn:virt-drivers:record:1" owner="${randomUUID()}" revision="r1">{"schema":1,"disks":[]}</vdr:record></metadata>
  <memory unit="KiB">131072</memory><vcpu>1</vcpu><os><type>hvm</type></os>
  <devices>
    <disk type="file" device="disk"><driver name="qemu" type="qcow2"/><source file="/default-pool/${index}.qcow2"/>
      <target dev="vda" bus="virtio"/><alias name="ua-disk-${index}"/></disk>
    <interface type="network"><mac address="52:54:00:00:${hex(index >> 8)}:${hex(index & 255)}"/><source network="default"/>
      <model type="virtio"/></interface>
  </devices></domain>`;
const hex = (byte) => byte.toString(16).padStart(2, '0');

/** A listing of 1,000 machines with state, disks and nics, beside python3-libvirt. */
export async function compareInventory({ atMost }) {
  const peer = await startLibvirt();
  try {
    // What the test driver knows lives as long as a connection to it.
    const holder = await openConnection(peer.testUri);
    await removeOwn(holder);
    await Promise.all(Array.from({ length: MACHINES }, (_, index) => domainDefineXml(holder, xml(index))));
    const python = await works(PYTHON, ['-c', 'import libvirt']);
    const clients = {
      own: [process.execPath, here('peers/own-inventory.mjs')],
      ...(python && { python: [PYTHON, here('peers/inventory.py')] }),
    };
    const results = { own: [], python: [] };
    for (let round = 0; round < ROUNDS; round++)
      for (const [name, [program, script]] of Object.entries(clients))
        results[name].push(await measured(program, [script, peer.testUri, WARM, COUNT]));
    // V8 keeps up to 32 MiB for young objects however few live; a manager that is to stay small is told so.
    const small = await measured(process.execPath, [SMALL, here('peers/own-inventory.mjs'), peer.testUri, WARM, COUNT]);
    await holder.close();
    for (const { machines } of Object.values(results).flat())
      if (machines !== MACHINES) throw new Error(`A listing had ${machines} complete machines.`);
    report(results, python, atMost);
    atMost(`  resident memory at its highest, with ${SMALL}`, small.rss / MIB, 100, 'MiB');
  } finally {
    await peer.stop();
  }
}

/** The machine that the test driver has of itself. */
async function removeOwn(connection) {
  const own = await domainLookupByName(connection, 'test');
  await domainDestroy(connection, own);
  await domainUndefine(connection, own);
}

function report(results, python, atMost) {
  const time = (name) => median(results[name].flatMap(({ seconds }) => seconds));
  for (const name of python ? ['own', 'python'] : ['own']) {
    const [{ cpu, rss }] = results[name];
    const memory = (rss / MIB).toFixed(0);
    console.log(
      `${name.padEnd(6)} ${MACHINES} machines: ${time(name).toFixed(3)} s, processor ${cpu.toFixed(3)} s, ${memory} MiB`,
    );
  }
  atMost(`inventory of ${MACHINES} machines`, time('own'), 0.3, 's');
  atMost('  of the time of python3-libvirt', python ? time('own') / time('python') : undefined, 0.5);
}
