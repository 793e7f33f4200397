import { both32, shortDate } from './fields.js';
import type { TreeNode } from './tree.js';

// Only root of the guest may read what the disc says: passwords may be on it.
const DIRECTORY_MODE = 0o040_500;
const FILE_MODE = 0o100_400;

const entry = (signature: string, data: Buffer): Buffer =>
  Buffer.concat([Buffer.from(signature, 'ascii'), Buffer.from([data.length + 4, 1]), data]);

/** POSIX attributes, time and true name of a node (RRIP 1.09 4.1.1, 4.1.4, 4.1.6). */
export const rockRidge = (node: TreeNode, at: Date, name = node.name): Buffer =>
  Buffer.concat([
    attributes(node),
    modified(at),
    ...(name ? [entry('NM', Buffer.concat([Buffer.alloc(1), Buffer.from(name, 'ascii')]))] : []),
  ]);

/** Announces Rock Ridge in the first record of the root directory (SUSP 1.09 5.3, 5.5). */
export function rockRidgeAnnouncement(): Buffer {
  const identifier = Buffer.from('RRIP_1991A', 'ascii');
  return Buffer.concat([
    entry('SP', Buffer.from([0xbe, 0xef, 0])),
    entry('ER', Buffer.concat([Buffer.from([identifier.length, 0, 0, 1]), identifier])),
  ]);
}

function attributes(node: TreeNode): Buffer {
  const data = Buffer.alloc(32);
  both32(data, node.kind === 'directory' ? DIRECTORY_MODE : FILE_MODE, 0);
  both32(
    data,
    node.kind === 'directory' ? 2 + node.children.filter((child) => child.kind === 'directory').length : 1,
    8,
  );
  return entry('PX', data);
}

const modified = (at: Date): Buffer => entry('TF', Buffer.concat([Buffer.from([2]), shortDate(at)]));
