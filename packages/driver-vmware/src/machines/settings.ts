import { DriverError, type MachineSpec } from '@virt-drivers/core';
import { NOTE_KEY, noteText, readNote, type Note } from '../convert/note.js';
import { recordSettings } from '../convert/record-text.js';
import { specHash } from '../identity.js';
import { checkExtensions } from '../extensions.js';
import type { MachineView } from '../machine-views.js';
import { randomUUID } from 'node:crypto';
import type { MachineRecordInput } from '@virt-drivers/core';

/** Far below what one machine's settings hold, and every listing of the machine carries it. */
const LARGEST_RECORD = 131_072;

/** Errors: `RECORD.TOO_LARGE`. */
export function refuseLargeRecord({ owner, body }: MachineRecordInput): void {
  const size = Buffer.byteLength(JSON.stringify(body));
  if (size <= LARGEST_RECORD) return;
  throw new DriverError(
    'RECORD.TOO_LARGE',
    `Record of ${owner} has ${size} bytes; this driver keeps ${LARGEST_RECORD} with a machine.`,
    { subject: owner },
  );
}

/** The note of a machine that is made from this spec. */
export function newNote(spec: MachineSpec, uuid: string, nativeName: string, cluster: string | undefined): Note {
  const { group } = checkExtensions(spec.extensions);
  return {
    machine: uuid,
    name: spec.name,
    nativeName,
    createdAt: new Date().toISOString(),
    attempt: randomUUID(),
    ...(spec.clientToken !== undefined && { specHash: specHash(spec) }),
    ...(spec.boot.order && { bootOrder: [...spec.boot.order] }),
    ...(spec.cpu.maximumCount !== undefined && { maximumCpus: spec.cpu.maximumCount }),
    ...(spec.cpu.limitMillicores !== undefined && { limitMillicores: spec.cpu.limitMillicores }),
    ...(spec.memory.maximumBytes !== undefined && { maximumMemory: String(spec.memory.maximumBytes) }),
    ...(cluster !== undefined && { cluster }),
    ...(group && { group }),
  };
}

/** What is remembered of a machine; of one that others made, what it shows. */
export const noteOf = ({ machine, name, settings }: MachineView): Note =>
  readNote(settings, machine.id) ?? {
    machine: machine.id,
    name: machine.name,
    nativeName: name,
    createdAt: (machine.createdAt ?? new Date()).toISOString(),
  };

/** The note's setting. */
export const noteSetting = (note: Note): readonly [string, string] => [NOTE_KEY, noteText(note)];

/** Settings of a new machine: its note, its record, and what the caller asked for. */
export function newSettings(
  spec: MachineSpec,
  note: Note,
  others: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const settings = new Map<string, string>([...Object.entries(others), noteSetting(note)]);
  if (spec.record)
    for (const [key, value] of recordSettings(spec.record, randomUUID(), note.machine)) settings.set(key, value);
  return settings;
}
