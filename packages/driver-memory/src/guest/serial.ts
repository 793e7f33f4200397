import type { Scene } from '../world/scene.js';
import type { MachineEntry } from '../world/state.js';

const CHARACTERS_KEPT = 131_072;

/** Prints text on the machine's first serial port, if it has one. Text is kept as Latin-1: one character, one byte. */
export function print(machine: MachineEntry, text: string): void {
  if (!machine.serialPort) return;
  const { serial } = machine;
  serial.text += Buffer.from(text, 'utf8').toString('latin1');
  const excess = serial.text.length - CHARACTERS_KEPT;
  if (excess <= 0) return;
  serial.text = serial.text.slice(excess);
  serial.start += excess;
}

/** A line as our guest image says it. */
export const say = (machine: MachineEntry, line: string): void => print(machine, `GUEST: ${line}\r\n`);

/** Seconds since the machine was switched on, as the guest prints them. */
export const uptime = ({ now }: Scene, machine: MachineEntry): string =>
  machine.guest ? ((now.getTime() - machine.guest.since.getTime()) / 1_000).toFixed(2) : '0.00';

/** All that was printed from byte `from` on and is still kept, and where it ends. */
export function printedSince(
  { serial }: MachineEntry,
  from: number,
): { readonly data: Uint8Array; readonly end: number } {
  const skip = Math.max(0, from - serial.start);
  return { data: Buffer.from(serial.text.slice(skip), 'latin1'), end: serial.start + serial.text.length };
}
