import { randomUUID } from 'node:crypto';
import { DriverError, type MachineRecord, type MachineRecordInput } from '@virt-drivers/core';
import { RECORD_BYTES } from '../limits.js';
import { copyOf } from './copy.js';

/** The record that is written, with a new revision. `RECORD.TOO_LARGE` when the body is. */
export function newRecord({ owner, body }: MachineRecordInput): MachineRecord {
  const size = Buffer.byteLength(JSON.stringify(body));
  if (size > RECORD_BYTES) {
    throw new DriverError(
      'RECORD.TOO_LARGE',
      `Record of ${owner} is ${size} bytes of JSON, but at most ${RECORD_BYTES} are kept; store less.`,
      {
        subject: owner,
      },
    );
  }
  return { owner, body: copyOf(body), revision: randomUUID() };
}

/** `RECORD.CONFLICT` unless the record is still as the writer believes. */
export function checkRevision(current: MachineRecord | undefined, ifRevision: string | null, machine: string): void {
  if ((current?.revision ?? null) === ifRevision) return;
  throw new DriverError(
    'RECORD.CONFLICT',
    `Record of machine ${machine} was changed meanwhile; read it again and repeat the change.`,
    {
      subject: machine,
    },
  );
}
