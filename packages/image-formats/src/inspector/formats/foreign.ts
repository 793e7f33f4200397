import { signatureOnly } from '../format-inspector.js';
import { endsWithText, hasText } from '../probe.js';

/** QCOW version 1, the predecessor of qcow2 with the same signature; it can name a backing file. */
export const qcow = signatureOnly('qcow', (probe) => hasText(probe, 'QFI\xfb\0\0\0\x01'));

/** Bochs growing images. */
export const bochs = signatureOnly('bochs', (probe) => hasText(probe, 'Bochs Virtual HD Image'));

/** Compressed loop images; QEMU recognises them by the shell script that they start with. */
export const cloop = signatureOnly('cloop', (probe) => hasText(probe, '#!/bin/sh\n#V2.0 Format\nmodprobe cloop'));

/** Apple disk images: a trailer of 512 bytes. */
export const dmg = signatureOnly('dmg', (probe) => endsWithText(probe, 'koly', 512));
