import type { Scene } from '../world/scene.js';
import type { MachineEntry } from '../world/state.js';
import type { GuestState } from './guest-state.js';
import { passwordDigest } from './password-digest.js';
import { print } from './serial.js';
import { runLine } from './shell.js';

const prompt = ({ shell, hostname }: GuestState): string => {
  if (shell.awaitingPasswordOf !== undefined) return 'Password: ';
  return shell.user === undefined ? `\r\n${hostname} login: ` : '~ # ';
};

const toTerminal = (text: string): string => Buffer.from(text, 'latin1').toString('utf8').replace(/\r?\n/g, '\r\n');

function login(machine: MachineEntry, guest: GuestState, line: string): void {
  const { shell, passwords } = guest;
  const wanted = shell.awaitingPasswordOf;
  if (wanted === undefined) {
    if (line !== '') shell.awaitingPasswordOf = line;
    return;
  }
  delete shell.awaitingPasswordOf;
  if (passwords[wanted] !== undefined && passwords[wanted] === passwordDigest(line)) shell.user = wanted;
  else print(machine, 'Login incorrect\r\n');
}

function enter(scene: Scene, machine: MachineEntry, guest: GuestState): void {
  const { shell } = guest;
  const { line } = shell;
  shell.line = '';
  print(machine, '\r\n');
  if (shell.user === undefined) login(machine, guest, line.trim());
  else if (line.trim() === 'exit') delete shell.user;
  else {
    const { stdout, stderr } = runLine(scene, machine, line);
    print(machine, toTerminal(stdout + stderr));
  }
  if (guest.phase === 'ready') print(machine, prompt(guest));
}

/** Somebody types on the serial port. A guest that is not up does not listen. */
export function type(scene: Scene, machine: MachineEntry, input: string): void {
  const { guest } = machine;
  if (guest?.phase !== 'ready' || machine.state !== 'running') return;
  for (const character of input) {
    if (character === '\r' || character === '\n') enter(scene, machine, guest);
    else if (character === '\x7f') guest.shell.line = guest.shell.line.slice(0, -1);
    else {
      guest.shell.line += character;
      if (guest.shell.awaitingPasswordOf === undefined) print(machine, character);
    }
  }
}
