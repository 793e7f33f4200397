import { randomUUID } from 'node:crypto';
import { DriverError } from '@virt-drivers/core';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A new id for an instance. */
export const newInstanceId = (): string => randomUUID();

/** True for what may name an instance: a UUID in lower case. */
export const isInstanceId = (text: string): boolean => UUID.test(text);

/** Refuses, with `REQUEST.INVALID`, what cannot name an instance: the id becomes part of volumes' names. */
export function checkInstanceId(text: string): void {
  if (isInstanceId(text)) return;
  throw new DriverError('REQUEST.INVALID', `Instance id ${JSON.stringify(text)} is not a UUID in lower case.`, {
    subject: text,
  });
}
