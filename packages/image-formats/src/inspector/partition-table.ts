import type { Probe } from './probe.js';
import { hasText } from './probe.js';

/** The partition table at the start of a raw disk or hybrid ISO, if it has one. */
export function partitionTable(probe: Probe): 'gpt' | 'mbr' | undefined {
  if (hasText(probe, 'EFI PART', 512) || hasText(probe, 'EFI PART', 4_096)) return 'gpt';
  return hasMasterBootRecord(probe.head) ? 'mbr' : undefined;
}

// A boot sector of a file system ends in 55AA too; only entries with a plausible status byte and a type make it a table.
function hasMasterBootRecord(head: Buffer): boolean {
  if (head.length < 512 || head.readUInt16BE(510) !== 0x55aa) return false;
  const entries = [446, 462, 478, 494];
  const plausible = entries.every((at) => head[at] === 0 || head[at] === 0x80);
  return plausible && entries.some((at) => head[at + 4] !== 0 && head.readUInt32LE(at + 12) !== 0);
}
