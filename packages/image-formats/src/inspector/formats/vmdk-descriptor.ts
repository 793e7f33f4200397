import { unsafe, type ImageProblem } from '../inspection.js';

/** What matters in a VMDK's text descriptor. */
export interface VmdkDescriptor {
  readonly createType?: string;
  /** Hint to the parent's file; empty when a parent is named by its content id only. */
  readonly parent?: string;
  readonly problems: readonly ImageProblem[];
}

const SELF_CONTAINED = new Set(['monolithicSparse', 'streamOptimized']);
const EXTENT = /^(?:RW|RDONLY|NOACCESS)\s+\d+\s+(\w+)/;
const NO_PARENT = /^f{8}$/i;

/**
 * True for text that tools take for a descriptor: comment and blank lines, then `version=`. QEMU does not ask for the
 * usual first line, so neither may we.
 */
export function isDescriptorText(head: Buffer): boolean {
  const lines = head.toString('latin1', 0, 4_096).split('\n');
  const first = lines.find((line) => !line.startsWith('#') && line.trim() !== '');
  return lines.length > 1 && first !== undefined && /^\s*version\s*=\s*\d/i.test(first);
}

/** Reads a descriptor and says what in it reaches beyond the file. */
export function readDescriptor(text: string): VmdkDescriptor {
  const lines =
    text
      .split('\0', 1)[0]
      ?.split(/\r?\n/)
      .map((line) => line.trim()) ?? [];
  const createType = value(lines, 'createType');
  const hint = value(lines, 'parentFileNameHint');
  const hasParent = hint !== undefined || !NO_PARENT.test(value(lines, 'parentCID') ?? 'ffffffff');
  const extents = lines.flatMap((line) => EXTENT.exec(line)?.[1] ?? []);
  const problems: ImageProblem[] = [];
  if (!SELF_CONTAINED.has(createType ?? '')) {
    problems.push(unsafe(`Its create type "${printable(createType)}" is not one that keeps all data in one file.`));
  }
  if (extents.length !== 1 || extents[0] !== 'SPARSE')
    problems.push(unsafe('Its extents are not exactly one sparse extent of its own.'));
  if (hasParent) problems.push(unsafe('It names a parent image.'));
  return {
    ...(createType && { createType: printable(createType) }),
    ...(hasParent && { parent: printable(hint) }),
    problems,
  };
}

function value(lines: readonly string[], key: string): string | undefined {
  const pattern = new RegExp(`^${key}\\s*=\\s*"?([^"]*)"?$`, 'i');
  for (const line of lines) {
    const match = pattern.exec(line);
    if (match) return match[1];
  }
  return undefined;
}

const printable = (text: string | undefined): string => (text ?? '').replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
