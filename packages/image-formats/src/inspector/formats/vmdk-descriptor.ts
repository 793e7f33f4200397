import { parseDescriptor } from '../../vmdk/descriptor.js';
import { unsafe, type ImageProblem } from '../inspection.js';

/** What matters in a VMDK's text descriptor. */
export interface CheckedDescriptor {
  readonly createType?: string;
  /** Hint to the parent's file; empty when a parent is named by its content id only. */
  readonly parent?: string;
  readonly problems: readonly ImageProblem[];
}

const SELF_CONTAINED = new Set(['monolithicSparse', 'streamOptimized']);

/**
 * True for text that tools take for a descriptor: comment and blank lines, then `version=`. QEMU does not ask for the
 * usual first line, so neither may we.
 */
export function isDescriptorText(head: Buffer): boolean {
  const lines = head.toString('latin1', 0, 4_096).split('\n');
  const first = lines.find((line) => !line.startsWith('#') && line.trim() !== '');
  return lines.length > 1 && first !== undefined && /^\s*version\s*=\s*\d/i.test(first);
}

/** Reads a descriptor and says what in it reaches beyond the file, or lies about the size. */
export function checkDescriptor(text: string, sectors: bigint): CheckedDescriptor {
  const { createType, parent, extents, repeated } = parseDescriptor(text);
  const [extent, ...others] = extents;
  const problems: ImageProblem[] = [];
  if (!SELF_CONTAINED.has(createType ?? ''))
    problems.push(unsafe(`Its create type "${printable(createType)}" is not one that keeps all data in one file.`));
  if (extent?.kind !== 'SPARSE' || others.length > 0)
    problems.push(unsafe('Its extents are not exactly one sparse extent of its own.'));
  else if (extent.sectors !== sectors)
    problems.push(unsafe('Its descriptor and its header differ in the size of the disk.'));
  if (parent !== undefined) problems.push(unsafe('It names a parent image.'));
  if (repeated.length > 0)
    problems.push(unsafe(`Its descriptor has ${repeated.join(', ')} more than once, which programs read differently.`));
  return {
    ...(createType && { createType: printable(createType) }),
    ...(parent !== undefined && { parent: printable(parent) }),
    problems,
  };
}

const printable = (text: string | undefined): string => (text ?? '').replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
