import { bigEndianText } from './fields.js';
import { rockRidge, rockRidgeAnnouncement } from './rock-ridge.js';
import type { TreeNode } from './tree.js';

/** One of the two sets of directories of a disc: same files, other names. */
export interface View {
  /** The node's name in a directory record. */
  identifier(node: TreeNode): Buffer;
  /** What follows the name; `self` and `parent` are the two records that every directory starts with. */
  systemUse(node: TreeNode, role: 'child' | 'self' | 'parent'): Buffer;
}

const NOTHING = Buffer.alloc(0);

/** Plain names, upper case, with Rock Ridge for the true ones (ECMA-119 7.5, 7.6). */
export function plainView(at: Date): View {
  return {
    identifier: (node) =>
      Buffer.from(node.kind === 'file' ? `${plainFileName(node.name)};1` : plain(node.name, 31), 'ascii'),
    systemUse: (node, role) =>
      Buffer.concat([
        ...(role === 'self' && isRoot(node) ? [rockRidgeAnnouncement()] : []),
        rockRidge(node, at, role === 'child' ? node.name : ''),
      ]),
  };
}

/** Joliet: true names in UCS-2, without the version number, as the usual writers leave it out. */
export const jolietView: View = {
  identifier: (node) => bigEndianText(node.name),
  systemUse: () => NOTHING,
};

/** Name and extension of at most 30 characters together, of letters, digits and underscores (level 2). */
function plainFileName(name: string): string {
  const dot = name.lastIndexOf('.');
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot + 1)] : [name, ''];
  const end = plain(extension, 8);
  return `${plain(stem, 29 - end.length)}.${end}`;
}

const plain = (text: string, longest: number): string =>
  text
    .toUpperCase()
    .replace(/[^A-Z0-9_]/g, '_')
    .slice(0, longest);

const isRoot = (node: TreeNode): boolean => node.kind === 'directory' && node.parent === undefined;
