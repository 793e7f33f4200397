import { fileBackend } from './file-backend.js';

/** QEMU's own format: thin, and able to continue another volume. */
export const qcow2 = fileBackend({ format: 'qcow2', continues: true });
