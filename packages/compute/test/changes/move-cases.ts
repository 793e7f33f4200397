import { hostId } from '@virt-drivers/core';
import type { MoveWish } from '../../src/index.js';

/** A move of the one instance of these tests. */
export interface MoveCase {
  readonly name: string;
  readonly start: boolean;
  readonly flow: 'migrate' | 'coldMigrate';
  /** Between hosts of one endpoint. */
  readonly within?: boolean;
  readonly wish?: MoveWish;
}

/** Every kind of move. */
export const MOVE_CASES: readonly MoveCase[] = [
  { name: 'live to another endpoint', start: true, flow: 'migrate' },
  { name: 'of a stopped instance to another endpoint', start: false, flow: 'migrate' },
  { name: 'live to another host', start: true, flow: 'migrate', within: true, wish: { host: hostId('host-2') } },
  { name: 'cold, by bytes', start: true, flow: 'coldMigrate' },
  { name: 'cold, of a stopped instance', start: false, flow: 'coldMigrate' },
];
