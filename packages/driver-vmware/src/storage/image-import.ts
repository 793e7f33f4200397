import {
  isDriverError,
  type CallOptions,
  type Checksum,
  type ImageSource,
  type TaskProgress,
  type VolumeId,
} from '@virt-drivers/core';
import { verifiedImage, withUndo } from '@virt-drivers/core/kit';
import { randomUUID } from 'node:crypto';
import { folderOf } from '../convert/datastore-path.js';
import { keepsObjects, type Datastore } from '../inventory.js';
import type { VmwareSession } from '../session.js';
import {
  imageFile,
  imageFolder,
  imageNoteText,
  IMAGES_FOLDER,
  keptFormat,
  readImageNote,
  RECORD_FILE,
  unfinishedFolder,
  unfinishedSince,
  type ImageNote,
} from './cached-image.js';
import { fillFromContent } from './content.js';
import { deleteFolder, ensureFolder, renameFolder } from './datastore-folders.js';
import { searchFolder } from './folder-search.js';
import { refuseTooLarge, wholeKibibytes } from './making.js';
import { removeObject } from './volume-folder.js';

type Report = (progress: TaskProgress) => void;

/** Notes of images are some hundred bytes. */
const LONGEST_NOTE = 4_096;
/** A use is noted this often at most. */
const USE_MILLISECONDS = 600_000;
/** An import that has gone on for so long belongs to a process that is gone. */
const GIVEN_UP_MILLISECONDS = 86_400_000;

/** The note of the image with this content; undefined where it is not in the pool. */
export async function findImage(
  session: VmwareSession,
  store: Datastore,
  checksum: Checksum,
  options: CallOptions,
): Promise<ImageNote | undefined> {
  const path = `${imageFolder(checksum)}/${RECORD_FILE}`;
  const text = await session.datastoreFiles.text(store, path, LONGEST_NOTE, options);
  return text === undefined ? undefined : readImageNote(text);
}

/** The image in the pool, imported when it is not there. After an error nothing of a new import remains. */
export async function ensureImage(
  session: VmwareSession,
  store: Datastore,
  image: ImageSource,
  report: Report,
  options: CallOptions,
): Promise<ImageNote> {
  const known = await findImage(session, store, image.checksum, options);
  if (known) return noteUse(session, store, image.checksum, known, options);
  await sweep(session, store, options);
  return importImage(session, store, image, report, options);
}

/**
 * Everything is made in a folder of its own, which gets its name when it is whole. Of several who import the same
 * content at once, in whatever process, the first to finish gives the name; the others take theirs away.
 */
async function importImage(
  session: VmwareSession,
  store: Datastore,
  image: ImageSource,
  report: Report,
  options: CallOptions,
): Promise<ImageNote> {
  const format = keptFormat(image.format);
  const folder = unfinishedFolder(Date.now(), randomUUID());
  const { virtualSizeBytes } = image;
  await refuseTooLarge(session, store, format === 'iso' ? image.sizeBytes : wholeKibibytes(virtualSizeBytes), options);
  return withUndo(async (undo) => {
    undo.push(`folder ${folder}`, (own) => discard(session, store, folder, own));
    await ensureFolder(session, store, folder, options);
    const id: VolumeId = { pool: store.id, key: imageFile(folder, format) };
    const content = { pool: store.id, name: image.checksum.hex, format, content: verifiedImage(image) };
    await fillFromContent(session, { id, store }, content, report, options);
    const note: ImageNote = { version: 1, format, virtualSizeBytes, lastUsedAt: new Date().toISOString() };
    await writeNote(session, store, folder, note, options);
    try {
      await renameFolder(session, store, folder, imageFolder(image.checksum), options);
    } catch (error) {
      const theirs =
        isDriverError(error, 'VOLUME.EXISTS') && (await findImage(session, store, image.checksum, options));
      if (!theirs) throw error;
      await discard(session, store, folder, options);
      return theirs;
    }
    return note;
  });
}

async function noteUse(
  session: VmwareSession,
  store: Datastore,
  checksum: Checksum,
  note: ImageNote,
  options: CallOptions,
): Promise<ImageNote> {
  if (Date.now() - Date.parse(note.lastUsedAt) < USE_MILLISECONDS) return note;
  const used = { ...note, lastUsedAt: new Date().toISOString() };
  await writeNote(session, store, imageFolder(checksum), used, options);
  return used;
}

function writeNote(
  { datastoreFiles }: VmwareSession,
  store: Datastore,
  folder: string,
  note: ImageNote,
  options: CallOptions,
): Promise<void> {
  return datastoreFiles.writeText(store, `${folder}/${RECORD_FILE}`, imageNoteText(note), options);
}

/** Removes imports that a process left when it was killed. */
async function sweep(session: VmwareSession, store: Datastore, options: CallOptions): Promise<void> {
  const paths = await searchFolder(session, store, IMAGES_FOLDER, ['*'], options);
  const isOld = (folder: string): boolean => {
    const since = unfinishedSince(folder);
    return since !== undefined && Date.now() - since > GIVEN_UP_MILLISECONDS;
  };
  for (const folder of new Set(paths.map(folderOf).filter(isOld))) await discard(session, store, folder, options);
}

/** Takes an image away: first its name, so that nobody comes to what is half gone. */
export async function removeImage(
  session: VmwareSession,
  store: Datastore,
  checksum: Checksum,
  options: CallOptions,
): Promise<void> {
  const leaving = unfinishedFolder(Date.now(), randomUUID());
  await renameFolder(session, store, imageFolder(checksum), leaving, options);
  await discard(session, store, leaving, options);
}

/** Removes an image's folder with all that is in it; on vSAN and virtual volumes its disk is more than its file. */
async function discard(session: VmwareSession, store: Datastore, folder: string, options: CallOptions): Promise<void> {
  if (keepsObjects(store))
    await removeObject(session, store, { pool: store.id, key: imageFile(folder, 'vmdk') }, options);
  await deleteFolder(session, store, folder, options);
}
