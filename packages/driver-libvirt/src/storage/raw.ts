import { fileBackend } from './file-backend.js';

/** The disk's bytes and nothing else. */
export const raw = fileBackend({ format: 'raw', continues: false });
