import { randomBytes } from 'node:crypto';

/** Names that belong to one run and to nobody else, usable for machines and for volumes. */
export interface Names {
  /** Every name of the run contains this. */
  readonly prefix: string;
  /** A name that was not given before. */
  next(hint?: string): string;
}

/** Names of a new run. */
export function createNames(): Names {
  const prefix = `vdc${randomBytes(4).toString('hex')}`;
  let count = 0;
  return { prefix, next: (hint = 'x') => `${prefix}-${++count}-${hint}` };
}
