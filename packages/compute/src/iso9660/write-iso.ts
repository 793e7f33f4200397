import { createHash } from 'node:crypto';
import { DriverError } from '@virt-drivers/core';
import { directoryContent, type Extent, type Locate } from './directory-record.js';
import { sectors, SECTOR } from './fields.js';
import { pathTables } from './path-table.js';
import { buildTree, directoriesOf, type DirectoryNode, type DiscFile, type FileNode } from './tree.js';
import { jolietView, plainView, type View } from './view.js';
import { jolietDescriptor, primaryDescriptor, terminator, type VolumeFacts } from './volume-descriptor.js';

/** What a disc is called and when it was made; nothing else but the files decides its bytes. */
export interface DiscLabel {
  /** 1 to 16 characters, as the guest finds the disc by. */
  readonly volumeId: string;
  readonly createdAt: Date;
}

/**
 * Bytes of an ISO 9660 disc (ECMA-119) with Rock Ridge and Joliet: the same files and label always give the same bytes.
 * Files with equal content share their place. Errors: `REQUEST.INVALID` (see `DiscFile.path`).
 */
export function writeIso(files: readonly DiscFile[], { volumeId, createdAt }: DiscLabel): Uint8Array {
  const disc = new Map<number, Uint8Array>();
  let next = 16 + 3;
  const place = (content: Uint8Array): Extent => {
    const extent = { sector: next, length: content.byteLength };
    disc.set(next, content);
    next += sectors(content.byteLength);
    return extent;
  };

  const root = buildTree(files);
  const directories = directoriesOf(root);
  const fileExtents = placeFiles(directories, place);
  const facts = [plainView(createdAt), jolietView].map((view) =>
    placeView(root, directories, view, fileExtents, createdAt, place),
  );
  const volumes = facts.map((fact): VolumeFacts => ({ ...fact, volumeId, createdAt, totalSectors: next }));

  const [primary, joliet] = volumes;
  if (primary) disc.set(16, primaryDescriptor(primary));
  if (joliet) disc.set(17, jolietDescriptor(joliet));
  disc.set(18, terminator());
  const bytes = new Uint8Array(next * SECTOR);
  for (const [sector, content] of disc) bytes.set(content, sector * SECTOR);
  return bytes;
}

type Place = (content: Uint8Array) => Extent;

function placeFiles(directories: readonly DirectoryNode[], place: Place): ReadonlyMap<FileNode, Extent> {
  const byDigest = new Map<string, Extent>();
  const extents = new Map<FileNode, Extent>();
  for (const file of directories.flatMap(({ children }) => children.filter((child) => child.kind === 'file'))) {
    const digest = createHash('sha256').update(file.content).digest('hex');
    const extent = byDigest.get(digest) ?? place(file.content);
    byDigest.set(digest, extent);
    extents.set(file, extent);
  }
  return extents;
}

/** Directories point to each other, so their places are chosen by their lengths before their contents are made. */
function placeView(
  root: DirectoryNode,
  directories: readonly DirectoryNode[],
  view: View,
  files: ReadonlyMap<FileNode, Extent>,
  at: Date,
  place: Place,
): Pick<VolumeFacts, 'root' | 'pathTable'> {
  for (const directory of directories) checkDistinct(directory, view);
  const nowhere: Extent = { sector: 0, length: 0 };
  const contents = new Map(
    directories.map((directory) => [directory, directoryContent(directory, view, () => nowhere, at)]),
  );
  const extents = new Map([...contents].map(([directory, content]) => [directory, place(content)]));
  const locate: Locate = (node) => (node.kind === 'file' ? files.get(node) : extents.get(node)) ?? nowhere;
  // Same lengths as before; now with the true places.
  for (const [directory, content] of contents) directoryContent(directory, view, locate, at).copy(content);
  const { little, big } = pathTables(directories, view, locate);
  return {
    root: locate(root),
    pathTable: { length: little.length, little: place(little).sector, big: place(big).sector },
  };
}

function checkDistinct({ name, children }: DirectoryNode, view: View): void {
  const identifiers = new Set(children.map((child) => view.identifier(child).toString('hex')));
  if (identifiers.size === children.length) return;
  throw new DriverError(
    'REQUEST.INVALID',
    `Disc directory "${name}" has names that plain ISO 9660 cannot tell apart (29 characters of A-Z, 0-9 and _); rename one.`,
  );
}
