import { DriverError } from '@virt-drivers/core';

/** A file to put on a disc. */
export interface DiscFile {
  /** Names joined by `/`; each 1 to 64 characters of `[A-Za-z0-9._-]`, at most seven deep. */
  readonly path: string;
  readonly content: Uint8Array;
}

export interface FileNode {
  readonly kind: 'file';
  readonly name: string;
  readonly content: Uint8Array;
}

export interface DirectoryNode {
  readonly kind: 'directory';
  readonly name: string;
  readonly parent: DirectoryNode | undefined;
  /** Sorted by name. */
  readonly children: TreeNode[];
}

export type TreeNode = FileNode | DirectoryNode;

const NAME = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/;
const DEEPEST = 7;

/** Arranges files in directories. Errors: `REQUEST.INVALID` (a path that is not allowed, or twice there). */
export function buildTree(files: readonly DiscFile[]): DirectoryNode {
  const root: DirectoryNode = { kind: 'directory', name: '', parent: undefined, children: [] };
  const ordered = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { path, content } of ordered) {
    const names = path.split('/');
    if (names.length > DEEPEST || !names.every((name) => NAME.test(name)))
      throw invalid(path, 'is not a path that a disc can hold');
    const name = names.pop() ?? '';
    const directory = names.reduce((at, step) => directoryIn(at, step, path), root);
    if (directory.children.some((child) => child.name === name)) throw invalid(path, 'is there twice');
    directory.children.push({ kind: 'file', name, content });
  }
  return root;
}

/** All directories, parents first, in the order that path tables want. */
export function directoriesOf(root: DirectoryNode): readonly DirectoryNode[] {
  const all: DirectoryNode[] = [root];
  for (const directory of all) all.push(...directory.children.filter((child) => child.kind === 'directory'));
  return all;
}

function directoryIn(parent: DirectoryNode, name: string, path: string): DirectoryNode {
  const there = parent.children.find((child) => child.name === name);
  if (there?.kind === 'file') throw invalid(path, 'goes through a file');
  if (there) return there;
  const made: DirectoryNode = { kind: 'directory', name, parent, children: [] };
  parent.children.push(made);
  return made;
}

const invalid = (path: string, why: string): DriverError =>
  new DriverError('REQUEST.INVALID', `Disc file ${JSON.stringify(path)} ${why}.`, { subject: path });
