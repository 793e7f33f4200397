import { bytes, type FacetAs, type GuestCommand, type GuestCommandResult, type MachineId } from '@virt-drivers/core';
import { throwIfAborted } from '@virt-drivers/core/kit';
import type { capabilities } from './capabilities.js';
import { agentOf, checkThawed, refused } from './guest/agent.js';
import { passwordDigest } from './guest/password-digest.js';
import { hasData, readFile, writeFile } from './guest/guest-files.js';
import type { GuestState } from './guest/guest-state.js';
import { run } from './guest/shell.js';
import type { MemorySession } from './session.js';
import { forget, plan } from './world/agenda.js';
import type { Scene } from './world/scene.js';
import type { MachineEntry } from './world/state.js';

const THAWS_BY_ITSELF_AFTER_MILLISECONDS = 60_000;
const OUTPUT_KEPT = 1_048_576;

function exec(
  scene: Scene,
  machine: MachineEntry,
  { path, args = [], input, outputLimitBytes }: GuestCommand,
): GuestCommandResult {
  checkThawed(machine);
  const result = run(scene, machine, path, args, input && Buffer.from(input).toString('latin1'));
  if (!result) throw refused(machine, `there is no program ${path}`);
  const limit = Number(outputLimitBytes ?? OUTPUT_KEPT);
  const cut = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.slice(0, limit), 'latin1'));
  return {
    exitCode: result.exitCode,
    stdout: cut(result.stdout),
    stderr: cut(result.stderr),
    truncated: result.stdout.length > limit || result.stderr.length > limit,
  };
}

function interfacesOf(machine: MachineEntry, { names }: GuestState) {
  return machine.nics
    .filter(({ linkUp }) => linkUp)
    .map(({ id, macAddress }) => {
      // Documentation addresses (RFC 5737), so that nobody takes them for real ones.
      const last = 1 + (parseInt(macAddress.slice(-2), 16) % 254);
      return { name: names[id] ?? id, macAddress, addresses: [{ address: `192.0.2.${last}`, prefixLength: 24 }] };
    });
}

const thaw = (session: MemorySession, id: MachineId): Promise<void> =>
  session.change((scene) => {
    const { guest } = session.machine(scene, id);
    forget(scene, id, 'thaw');
    if (guest) delete guest.frozenUntil;
  });

/** Facet `guest`. */
export function createGuest(session: MemorySession): FacetAs<'guest', typeof capabilities.guest> {
  const ask = <T>(id: MachineId, act: (guest: GuestState, machine: MachineEntry, scene: Scene) => T): Promise<T> =>
    session.change((scene) => {
      const machine = session.machine(scene, id);
      return act(agentOf(machine), machine, scene);
    });

  return {
    ping: (id) => ask(id, () => undefined),
    info: (id) =>
      ask(id, ({ hostname }, machine, scene) => ({
        family: machine.family,
        osName: 'Test Guest',
        osVersion: '1',
        hostname,
        agentVersion: '1',
        fileSystems: hasData(scene, machine)
          ? [{ mountPoint: '/data', type: 'memory', totalBytes: bytes(65_536) }]
          : [{ mountPoint: '/', type: 'memory' }],
      })),
    network: (id) => ask(id, (guest, machine) => interfacesOf(machine, guest)),
    setPassword: (id, user, password) =>
      ask(id, (guest, machine) => {
        if (user !== 'root') throw refused(machine, `there is no user ${user}`);
        guest.passwords[user] = passwordDigest(password.reveal());
      }),
    async quiesce(id) {
      await ask(id, (guest, _machine, scene) => {
        forget(scene, id, 'thaw');
        plan(scene, id, 'thaw', THAWS_BY_ITSELF_AFTER_MILLISECONDS);
        guest.frozenUntil = new Date(scene.now.getTime() + THAWS_BY_ITSELF_AFTER_MILLISECONDS);
      });
      return { frozenFileSystems: 1, thaw: () => thaw(session, id) };
    },
    exec: (id, command) => ask(id, (_guest, machine, scene) => exec(scene, machine, command)),
    async *readFile(id, path) {
      yield await ask(id, (_guest, machine, scene) => {
        const content = readFile(scene, machine, path);
        if (!content) throw refused(machine, `there is no file ${path}`);
        return Uint8Array.from(content);
      });
    },
    async writeFile(id, path, content, options = {}) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of content) {
        throwIfAborted(options, { what: `Writing ${path}`, stateAfter: 'unchanged' });
        chunks.push(chunk);
      }
      await ask(id, (_guest, machine, scene) => {
        checkThawed(machine);
        if (!writeFile(scene, machine, path, Buffer.concat(chunks))) throw refused(machine, 'no space left on device');
      });
    },
  };
}
