import { forget, plan, WHEN_IT_GOES_ON, type AgendaItem } from '../world/agenda.js';
import { tell } from '../world/journal.js';
import type { Scene } from '../world/scene.js';
import type { MachineEntry } from '../world/state.js';
import { readConfigDrive } from './config-drive.js';
import { devicesOf } from './devices.js';
import { hasData, readFile, writeFile } from './guest-files.js';
import { newGuest, type GuestState } from './guest-state.js';
import { print, say, uptime } from './serial.js';

// Short, but not nothing: what a program must wait for in reality it must wait for here.
const BOOT_MILLISECONDS = 20;
const SHUTDOWN_MILLISECONDS = 10;
const TICK_SECONDS = 5;

/** True when there is something to boot from, so that a guest runs at all. */
export const hasGuest = ({ disks }: MachineEntry): boolean => disks.some(({ device }) => device === 'disk');

/** Power comes on. */
export function switchOn(scene: Scene, machine: MachineEntry): void {
  machine.guest = newGuest(scene.now);
  if (hasGuest(machine)) plan(scene, machine.id, 'boot', BOOT_MILLISECONDS);
}

/** Power goes off; nothing is asked. */
export function switchOff(
  scene: Scene,
  machine: MachineEntry,
  reason: 'requested' | 'guest' | 'crashed' | 'host',
): void {
  forget(scene, machine.id);
  delete machine.guest;
  delete machine.serial.holder;
  machine.state = 'stopped';
  tell(scene, { kind: 'machine-state', machine: machine.id, state: 'stopped', reason });
}

/** The guest begins anew: by the reset line, or because it wanted to. */
export function startAnew(scene: Scene, machine: MachineEntry): void {
  forget(scene, machine.id);
  const { names } = machine.guest ?? newGuest(scene.now);
  switchOn(scene, machine);
  Object.assign(machine.guest ?? {}, { names });
  tell(scene, { kind: 'machine-rebooted', machine: machine.id });
}

/** A guest that was brought here from another time or place goes on with what it was doing. */
export function goOn(scene: Scene, machine: MachineEntry): void {
  forget(scene, machine.id);
  const { guest } = machine;
  if (guest?.phase === 'booting' && hasGuest(machine)) plan(scene, machine.id, 'boot', BOOT_MILLISECONDS);
  if (guest?.phase === 'shutting-down') plan(scene, machine.id, 'power-off', SHUTDOWN_MILLISECONDS);
  if (guest?.phase === 'ready') plan(scene, machine.id, 'tick', TICK_SECONDS * 1_000);
  if (guest?.frozenUntil) plan(scene, machine.id, 'thaw', 0);
}

/** The guest is asked to go down. It does so once it is up; a deaf one never. */
export function ask(scene: Scene, machine: MachineEntry, what: 'power-off' | 'reboot'): void {
  const { guest, temperament } = machine;
  if (!guest || temperament.guest === 'deaf' || !hasGuest(machine)) return;
  if (guest.phase === 'booting') guest.pending = what;
  if (guest.phase !== 'ready') return;
  if (what === 'power-off') say(machine, 'power-button');
  guest.phase = 'shutting-down';
  plan(scene, machine.id, what, SHUTDOWN_MILLISECONDS);
}

function boot(scene: Scene, machine: MachineEntry): void {
  const { guest } = machine;
  if (!guest) return;
  say(machine, `kernel memory uptime=${uptime(scene, machine)}`);
  if (hasData(scene, machine)) {
    const boots = Number(readFile(scene, machine, '/data/boots') ?? 0) + 1;
    writeFile(scene, machine, '/data/boots', Buffer.from(String(boots)));
    say(machine, `boots ${boots}`);
  }
  readConfigDrive(scene, machine);
  guest.seen = devicesOf(scene, machine);
  for (const [word, text] of Object.entries(guest.seen)) say(machine, `has ${word} ${text}`);
  if (machine.temperament.agent) {
    say(machine, 'agent started');
    tell(scene, { kind: 'guest-agent', machine: machine.id, connected: true });
  }
  say(machine, `ready uptime=${uptime(scene, machine)}`);
  print(machine, `\r\n${guest.hostname} login: `);
  guest.phase = 'ready';
  plan(scene, machine.id, 'tick', TICK_SECONDS * 1_000);
  if (guest.pending) ask(scene, machine, guest.pending);
}

/** A sign of life, unless somebody is logged in and would rather not read it. */
function tick(scene: Scene, machine: MachineEntry, guest: GuestState): void {
  guest.ticks += TICK_SECONDS;
  if (guest.shell.user === undefined) say(machine, `tick ${guest.ticks} uptime=${uptime(scene, machine)}`);
  plan(scene, machine.id, 'tick', TICK_SECONDS * 1_000);
}

/** Does what was planned, unless the machine does not run any more; a halted one does it when it goes on. */
export function perform(scene: Scene, item: AgendaItem): void {
  const machine = scene.state.machines[item.machine];
  if (!machine?.guest) return;
  if (machine.state !== 'running') {
    scene.state.agenda.push({ ...item, at: WHEN_IT_GOES_ON });
    return;
  }
  if (item.what === 'boot') boot(scene, machine);
  else if (item.what === 'power-off') switchOff(scene, machine, 'guest');
  else if (item.what === 'reboot') startAnew(scene, machine);
  else if (item.what === 'tick') tick(scene, machine, machine.guest);
  else delete machine.guest.frozenUntil;
}

/** A halted machine goes on: what it would have done meanwhile is due now. */
export function wakeUp({ state: { agenda }, now }: Scene, machine: MachineEntry): void {
  for (const [index, item] of agenda.entries()) {
    if (item.machine === machine.id && item.at === WHEN_IT_GOES_ON) agenda[index] = { ...item, at: now.getTime() };
  }
}
