import { bytes, mebibytes, type Bytes, type ImageSource } from '@virt-drivers/core';
import { contentOf } from '../bench/contents.js';

/**
 * The small system that cases boot. It says what happens inside on its first serial port, one line each:
 *
 *     GUEST: boots 2                                   how often this disk was booted, counted on the disk itself
 *     GUEST: ready …                                   it is up
 *     GUEST: came disk:sdb bytes=1048576 ro=0 serial=x hot plug, and `gone` for the reverse; the same for nic:
 *
 * It asks `login:` when something is typed on that port, and shuts down or reboots when it is asked.
 */
export interface TestGuest {
  readonly image: ImageSource;
  /** Memory that it needs. */
  readonly memoryBytes: Bytes;
}

/** What the guest says, as patterns. */
export const GUEST_SAYS = {
  ready: /GUEST: ready\b/,
  boots: /GUEST: boots (\d+)/,
  cameDisk: /GUEST: came disk:\S+ bytes=(\d+)/,
  goneDisk: /GUEST: gone disk:/,
  cameNic: /GUEST: came nic:\S+ mac=(\S+)/,
  goneNic: /GUEST: gone nic:/,
  changedDisk: /GUEST: changed disk:\S+ bytes=(\d+)/,
} as const;

/** First bytes of the image that stands in for a guest when none was given; only endpoints that simulate guests boot it. */
export const PLACEHOLDER_TEXT = 'virt-drivers simulated guest\n';

/** Stands in for a guest image: a real machine finds nothing to boot in it, and the cases that need a guest fail. */
export function placeholderGuest(): TestGuest {
  const data = new Uint8Array(65_536);
  data.set(new TextEncoder().encode(PLACEHOLDER_TEXT));
  return { image: contentOf(data), memoryBytes: bytes(mebibytes(64)) };
}
