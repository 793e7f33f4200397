import { expect, test } from '@jest/globals';
import { bytes } from '@virt-drivers/core';
import {
  contentOfFolder,
  imageFolder,
  imageNoteText,
  readImageNote,
  unfinishedFolder,
  unfinishedSince,
} from './cached-image.js';

const content = { algorithm: 'sha256', hex: 'ab'.repeat(32) } as const;

test('a folder names its content, and no other folder does', () => {
  expect(contentOfFolder(imageFolder(content))).toEqual(content);
  for (const other of ['virt-drivers-images/sha256-abc', 'virt-drivers/x', `${imageFolder(content)}/x`, ''])
    expect(contentOfFolder(other)).toBeUndefined();
});

test('an import that is not whole has a folder that names no content but says since when', () => {
  const folder = unfinishedFolder(1_700_000_000_000, 'own');
  expect([contentOfFolder(folder), unfinishedSince(folder)]).toEqual([undefined, 1_700_000_000_000]);
  expect(unfinishedSince(imageFolder(content))).toBeUndefined();
});

test('a note reads as it was written, and whatever else stands there is none', () => {
  const note = {
    version: 1,
    format: 'vmdk',
    virtualSizeBytes: bytes(5n),
    lastUsedAt: '2026-03-01T10:00:00.000Z',
  } as const;
  expect(readImageNote(imageNoteText(note))).toEqual(note);
  for (const text of ['', '{', '{"version":2}', '[]', 'null']) expect(readImageNote(text)).toBeUndefined();
});
