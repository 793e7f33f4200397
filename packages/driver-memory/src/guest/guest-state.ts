import { passwordDigest } from './password-digest.js';

/** What runs in a machine, from start to stop, as plain data. */
export interface GuestState {
  /** When the machine was switched on, for uptime and counters. */
  readonly since: Date;
  phase: 'booting' | 'ready' | 'shutting-down';
  /** Something asked it to go down before it was up: it will, once it is. */
  pending?: 'power-off' | 'reboot';
  hostname: string;
  /** What it last saw, one line for each device, by the device's word; see the guest image's README. */
  seen: Record<string, string>;
  /** Guest device names by disk or nic id; a name is given once and not reused. */
  readonly names: Record<string, string>;
  /** Files that are not on a disk: path to base64. */
  readonly files: Record<string, string>;
  /** Digests of passwords that were set. */
  readonly passwords: Record<string, string>;
  /** File systems are at rest until then at the latest. */
  frozenUntil?: Date;
  shell: { user?: string; awaitingPasswordOf?: string; line: string };
  /** Seconds for which it ticked. */
  ticks: number;
  reads: number;
  writes: number;
  interrupts: number;
}

/** A guest that was just switched on. */
export const newGuest = (since: Date): GuestState => ({
  since,
  phase: 'booting',
  hostname: 'guest',
  seen: {},
  names: {},
  files: {},
  // As in our guest image.
  passwords: { root: passwordDigest('guest') },
  shell: { line: '' },
  ticks: 0,
  reads: 0,
  writes: 0,
  interrupts: 0,
});
