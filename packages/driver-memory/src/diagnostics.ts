import { bytes, nanoseconds, type FacetAs, type MachineCounters, type MachineId } from '@virt-drivers/core';
import type { capabilities } from './capabilities.js';
import { wrongState } from './errors.js';
import { print } from './guest/serial.js';
import { HEIGHT, pictureOf, WIDTH } from './screen/picture.js';
import type { MemorySession } from './session.js';
import { coreFileOf } from './world/core-file.js';
import type { Scene } from './world/scene.js';
import type { MachineEntry } from './world/state.js';

const FILE_BYTES = 4_096;

function switchedOn(session: MemorySession, scene: Scene, id: MachineId): MachineEntry {
  const machine = session.machine(scene, id);
  if (machine.state !== 'running' && machine.state !== 'paused') throw wrongState(machine, 'running');
  return machine;
}

function counters(scene: Scene, { guest, disks, nics, memory }: MachineEntry): MachineCounters {
  const elapsed = guest ? scene.now.getTime() - guest.since.getTime() : 0;
  const { reads = 0, writes = 0 } = guest ?? {};
  const nothing = { readBytes: bytes(0), writtenBytes: bytes(0), readOperations: 0n, writeOperations: 0n, errors: 0n };
  const files = {
    readBytes: bytes(reads * FILE_BYTES),
    writtenBytes: bytes(writes * FILE_BYTES),
    readOperations: BigInt(reads),
    writeOperations: BigInt(writes),
    errors: 0n,
  };
  return {
    at: scene.now,
    uptime: nanoseconds(Math.max(0, elapsed) * 1_000_000),
    // Nobody computes anything: a tenth of the time is as good as any other figure, and it grows.
    cpuTime: nanoseconds(Math.max(0, elapsed) * 100_000),
    memoryUsedBytes: bytes(memory.sizeBytes / 4n),
    // The guest's files are on its first disk.
    disks: disks.map(({ id }, index) => ({ disk: id, ...(index === 0 ? files : nothing) })),
    nics: nics.map(({ id }) => ({
      nic: id,
      receivedBytes: bytes(0),
      sentBytes: bytes(0),
      receivedPackets: 0n,
      sentPackets: 0n,
      dropped: 0n,
    })),
  };
}

/** Facet `diagnostics`. */
export const createDiagnostics = (session: MemorySession): FacetAs<'diagnostics', typeof capabilities.diagnostics> => ({
  counters: (id) => session.look((scene) => counters(scene, switchedOn(session, scene, id))),
  screenshot: (id) =>
    session.look((scene) => {
      const pixels = pictureOf(switchedOn(session, scene, id));
      const head = Buffer.from(`P6\n${WIDTH} ${HEIGHT}\n255\n`, 'latin1');
      return { mediaType: 'image/x-portable-pixmap' as const, data: Uint8Array.from(Buffer.concat([head, pixels])) };
    }),
  async *crashDump(id) {
    const before = await session.change((scene) => {
      const machine = switchedOn(session, scene, id);
      const { state } = machine;
      machine.state = 'paused';
      return state;
    });
    try {
      yield* await session.look((scene) => coreFileOf(session.machine(scene, id)));
    } finally {
      await session.change(({ state }) => {
        const machine = state.machines[id];
        if (machine?.state === 'paused') machine.state = before;
      });
    }
  },
  interrupt: (id) =>
    session.change((scene) => {
      const machine = session.machine(scene, id);
      if (machine.state !== 'running') throw wrongState(machine, 'running');
      if (machine.guest) machine.guest.interrupts += 1;
      print(machine, 'Non-maskable interrupt received.\r\n');
    }),
});
