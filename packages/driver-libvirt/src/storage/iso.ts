import { fileBackend } from './file-backend.js';

/** An optical medium: bytes as in `raw`, under a name that says what they are. */
export const iso = fileBackend({ format: 'iso', continues: false });
