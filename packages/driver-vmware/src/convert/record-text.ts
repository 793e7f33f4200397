import type { Json, MachineRecord, MachineRecordInput } from '@virt-drivers/core';
import { OWN_PREFIX } from './extra-config.js';

/** Who the record's machine is for. */
export const RECORD_OWNER = `${OWN_PREFIX}record.owner`;
const REVISION = `${OWN_PREFIX}record.revision`;
/** A clone copies all settings: the record belongs to the machine that it names. */
const MACHINE = `${OWN_PREFIX}record.machine`;
const PARTS = `${OWN_PREFIX}record.parts`;
const part = (index: number): string => `${OWN_PREFIX}record.${index}`;

/** Characters of one setting: far below the 64 KiB that hosts keep of one line. */
const PART_CHARACTERS = 4_096;

/** Settings that hold the record; `before` are those of now, of which parts that are not needed any more are removed. */
export function recordSettings(
  record: MachineRecordInput,
  revision: string,
  uuid: string,
  before: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const text = Buffer.from(JSON.stringify(record.body), 'utf8').toString('base64');
  const parts = text.match(new RegExp(`.{1,${PART_CHARACTERS}}`, 'g')) ?? [''];
  const settings = new Map<string, string>([
    [RECORD_OWNER, record.owner],
    [REVISION, revision],
    [MACHINE, uuid],
    [PARTS, String(parts.length)],
  ]);
  for (const [index, content] of parts.entries()) settings.set(part(index), content);
  for (let index = parts.length; before.has(part(index)); index += 1) settings.set(part(index), '');
  return settings;
}

/** Owner named in the settings of the machine with this uuid; undefined when the record is another machine's. */
export const ownerIn = (settings: ReadonlyMap<string, string>, uuid: string): string | undefined =>
  settings.get(MACHINE) === uuid ? settings.get(RECORD_OWNER) : undefined;

/** The record in the settings of the machine with this uuid; undefined when there is none, or it is another machine's. */
export function readRecord(settings: ReadonlyMap<string, string>, uuid: string): MachineRecord | undefined {
  const owner = ownerIn(settings, uuid);
  const revision = settings.get(REVISION);
  if (owner === undefined || revision === undefined) return undefined;
  const parts = Array.from({ length: Number(settings.get(PARTS) ?? 0) }, (_, index) => settings.get(part(index)) ?? '');
  const body = parseJson(Buffer.from(parts.join(''), 'base64').toString('utf8'));
  return body === undefined ? undefined : { owner, revision, body };
}

function parseJson(text: string): Json | undefined {
  try {
    // What JSON.parse gives is JSON.
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
